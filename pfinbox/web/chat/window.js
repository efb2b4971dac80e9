// The chat's window. What it keeps is one token, after the first word, for this chat alone. In a
// frame many browsers let it keep nothing: there the site around it keeps the token, which is one of
// those that the policy of this page allows around it.
(function () {
  "use strict";
  var path = location.pathname;
  var kept = "pfinbox " + path;
  var given = new URLSearchParams(location.hash.slice(1));
  var words = document.body.dataset;
  var form = document.getElementById("form");
  var list = document.getElementById("messages");
  var wrong = document.getElementById("wrong");
  var who = document.getElementById("who");
  var token = read();
  var stream = null;

  function read() {
    if (given.get("token")) { return given.get("token"); }
    try { return localStorage.getItem(kept) || ""; } catch (error) { return ""; }
  }
  function keep(value) {
    token = value;
    if (parent !== window) { parent.postMessage({ pfinbox: "token", token: value }, "*"); return; }
    try { localStorage.setItem(kept, value); } catch (error) { /* it lasts as long as the page */ }
  }
  function ask(what, more) {
    return fetch(path + what, Object.assign({ headers: { Authorization: "Bearer " + token } }, more));
  }
  function show(messages) {
    var main = document.querySelector("main");
    list.replaceChildren.apply(list, messages.map(function (one) {
      var item = document.createElement("li");
      var author = document.createElement("b");
      var at = new Date(one.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      item.className = one.mine ? "mine" : "ours";
      author.textContent = (one.mine ? words.you : one.author || words.us) + " " + at;
      item.append(author, one.text);
      one.files.forEach(function (file) {
        var button = document.createElement("button");
        button.type = "button";
        button.textContent = file.name;
        button.addEventListener("click", function () { save(file); });
        item.append(button);
      });
      return item;
    }));
    main.scrollTop = main.scrollHeight;
    who.hidden = messages.length > 0;
  }
  function save(file) {
    ask("files/" + file.id).then(function (answer) { return answer.blob(); }).then(function (blob) {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = file.name;
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
    });
  }
  function load() {
    if (!token) { return Promise.resolve(); }
    return ask("messages").then(function (answer) {
      if (answer.status === 401) { keep(""); return { messages: [] }; }
      return answer.ok ? answer.json() : null;
    }).then(function (told) { if (told) { show(told.messages); } });
  }
  function listen() {
    if (!token) { return; }
    if (stream) { stream.abort(); }
    var mine = stream = new AbortController();
    function again(seconds) {
      setTimeout(function () { if (stream === mine) { listen(); } }, seconds * 1000);
    }
    ask("news", { signal: mine.signal }).then(function (answer) {
      if (!answer.ok) { again(1); return null; }
      var reader = answer.body.getReader();
      var decoder = new TextDecoder();
      return reader.read().then(function heard(part) {
        if (part.done) { again(2); return null; }
        if (decoder.decode(part.value).indexOf("data:") >= 0) { load(); }
        return reader.read().then(heard);
      });
    }).catch(function () { again(5); });
  }
  function encoded(file) {
    return new Promise(function (done, failed) {
      var reader = new FileReader();
      reader.onerror = failed;
      reader.onload = function () {
        done({ name: file.name, type: file.type || "application/octet-stream", base64: reader.result.split(",")[1] || "" });
      };
      reader.readAsDataURL(file);
    });
  }
  function nonce() {
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), function (one) {
      return one.toString(16).padStart(2, "0");
    }).join("");
  }
  // The same for every attempt to send what stands there.
  var id = nonce();
  function send() {
    var text = form.text.value, files = Array.from(form.files.files);
    if (!text.trim() && !files.length) { form.text.focus(); return; }
    var button = form.querySelector(".row > button");
    button.disabled = true;
    Promise.all(files.map(encoded)).then(function (some) {
      var told = { id: id, text: text, files: some, name: form.name.value || given.get("name") || "",
        email: form.email.value || given.get("email") || "" };
      if (given.get("user")) { told.identity = { user: given.get("user"), hash: given.get("hash") || "" }; }
      if (token) { told.token = token; }
      return fetch(path + "messages", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told) });
    }).then(function (answer) {
      return answer.json().then(function (told) {
        if (!answer.ok) { throw new Error(told.error); }
        wrong.hidden = true;
        id = nonce();
        form.text.value = "";
        form.files.value = "";
        keep(told.token);
        setTimeout(load, 150);
        listen();
      });
    }).catch(function () {
      wrong.textContent = words.failed;
      wrong.hidden = false;
    }).then(function () { button.disabled = false; form.text.focus(); });
  }
  form.addEventListener("submit", function (event) { event.preventDefault(); send(); });
  form.text.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && parent !== window) { parent.postMessage({ pfinbox: "close" }, "*"); }
  });
  load().then(listen);
})();
