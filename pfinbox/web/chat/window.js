// The chat's window. What it keeps is one token, after the first word, for this chat alone. In a
// frame many browsers let it keep nothing: there the site around it keeps the token, which is one of
// those that the policy of this page allows around it.
(function () {
  "use strict";
  var path = location.pathname;
  var given = new URLSearchParams(location.hash.slice(1));
  // Whoever is signed in next at the same browser has a token of their own.
  var kept = "pfinbox " + path + (given.get("user") ? " " + given.get("user") : "");
  var words = document.body.dataset;
  var $ = document.getElementById.bind(document);
  var form = $("form"), who = $("who"), list = $("messages"), wrong = $("wrong"), main = document.querySelector("main");
  var framed = parent !== window;
  var shown = !framed, dismissed = false, away = !$("away").hidden;
  var token = read();
  var stream = null, writer = null, wroteAt = 0;
  var items = new Map(), pending = [];

  function read() {
    if (given.get("token")) { return given.get("token"); }
    try { return localStorage.getItem(kept) || ""; } catch (error) { return ""; }
  }
  function keep(value) {
    token = value;
    if (framed) { tell("token", { token: value }); return; }
    try { localStorage.setItem(kept, value); } catch (error) { /* it lasts as long as the page */ }
  }
  function tell(what, more) {
    if (framed) { parent.postMessage(Object.assign({ pfinbox: what }, more), "*"); }
  }
  function ask(what, more) {
    return fetch(path + what, Object.assign({ headers: { Authorization: "Bearer " + token } }, more));
  }
  function post(what, value, more) {
    var headers = { "Content-Type": "application/json" };
    if (token) { headers.Authorization = "Bearer " + token; }
    return fetch(path + what, Object.assign({ method: "POST", headers: headers, body: JSON.stringify(value) }, more));
  }
  function nonce() {
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), function (one) {
      return one.toString(16).padStart(2, "0");
    }).join("");
  }
  function element(tag, text, name) {
    var made = document.createElement(tag);
    if (text) { made.textContent = text; }
    if (name) { made.className = name; }
    return made;
  }

  function moment(at) {
    var how = { hour: "2-digit", minute: "2-digit" };
    if (at.toDateString() !== new Date().toDateString()) { how.day = "numeric"; how.month = "short"; }
    return at.toLocaleString(document.documentElement.lang, how);
  }

  // -- what is shown

  function entry(one) {
    var item = element("li", "", one.mine ? "mine" : "ours");
    var by = element("span", "", "by");
    var time = element("time", moment(new Date(one.at)));
    if (one.picture) {
      var face = element("img");
      face.src = path + "people/" + one.picture;
      face.alt = "";
      by.append(face);
    }
    by.append(element("b", one.mine ? words.you : one.author || words.us));
    if (one.pending) { by.append(words.sending); item.classList.add("pending"); } else { by.append(time); }
    if (one.edited) { by.append(words.edited); }
    if (one.mine && one.key && !one.pending) { by.append(changer(one, item)); }
    item.append(by, one.text);
    one.files.forEach(function (file) {
      if (!file.id) { item.append(element("div", file.name)); return; }
      var button = element("button", file.name);
      button.type = "button";
      button.addEventListener("click", function () { save(file); });
      item.append(button);
    });
    return item;
  }
  // Own words can be changed for a while, and taken back. Escape leaves them as they are.
  function changer(one, item) {
    var button = element("button", words.change);
    var until = performance.now() + one.editable * 1000;
    button.type = "button";
    button.addEventListener("click", function () {
      var box = element("form", "", "change"), text = element("textarea"), row = element("div", "", "row");
      function end(where) { box.remove(); button.hidden = false; where.focus(); }
      function say(what, more) {
        post(what, Object.assign({ id: nonce(), of: one.key }, more)).then(function (answer) {
          if (!answer.ok) { complain(answer.status === 409 ? words.late : answer.status === 429 ? words.often : words.failed); return; }
          complain("");
          if (what === "delete") { $("writer").textContent = words.gone; }
          item.classList.add("pending");
          end(form.text);
          setTimeout(load, 300);
        }).catch(function () { complain(words.failed); });
      }
      function add(label, act) {
        var made = element("button", label, act ? "plain" : "");
        if (act) { made.type = "button"; made.addEventListener("click", act); }
        row.append(made);
        return made;
      }
      text.value = one.text;
      text.maxLength = 20000;
      text.rows = 3;
      text.setAttribute("aria-label", words.changing);
      var first = text;
      if (performance.now() < until) { box.append(text); add(words.save); }
      var gone = add(words.remove, function () { say("delete"); });
      if (!text.parentNode) { first = gone; }
      add(words.cancel, function () { end(button); });
      box.append(row);
      box.addEventListener("submit", function (event) {
        event.preventDefault();
        if (text.value.trim() && text.value !== one.text) { say("edit", { text: text.value }); } else { end(button); }
      });
      box.addEventListener("keydown", function (event) {
        if (event.key === "Escape") { event.stopPropagation(); end(button); }
        if (event.key === "Enter" && event.target === text && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          box.requestSubmit();
        }
      });
      button.hidden = true;
      item.append(box);
      first.focus();
    });
    return button;
  }
  // Only what is new is added: a screen reader says each message once.
  function show(messages) {
    var here = new Set(messages.map(function (one) { return one.key; }));
    pending = pending.filter(function (one) { return !here.has(one.key); });
    var wanted = messages.concat(pending);
    var names = new Set(wanted.map(name));
    items.forEach(function (item, key) {
      if (!names.has(key)) { item.remove(); items.delete(key); }
    });
    wanted.forEach(function (one, at) {
      if (!items.has(name(one))) { items.set(name(one), entry(one)); }
      if (list.children[at] !== items.get(name(one))) { list.insertBefore(items.get(name(one)), list.children[at] || null); }
    });
  }
  // Whoever reads above is left there.
  function following(change) {
    var low = main.scrollHeight - main.scrollTop - main.clientHeight < 80;
    change();
    if (low) { main.scrollTop = main.scrollHeight; }
  }
  function name(one) { return one.pending ? "pending " + one.key : one.id + " " + one.edited; }
  function save(file) {
    ask("files/" + file.id).then(function (answer) { return answer.blob(); }).then(function (blob) {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = file.name;
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
    });
  }
  function card(asks, began) {
    // Nobody is asked before the first word, unless nobody is there to answer.
    var early = away && !began && words.mails;
    who.hidden = dismissed || !(early || (asks && began));
    $("keep").hidden = $("ask").hidden = early;
    $("consent").hidden = began;
  }
  function seen(told) {
    var last = told.messages[told.messages.length - 1];
    var looks = shown && document.visibilityState === "visible";
    if (told.unseen && looks && last) { post("seen", { id: last.id }); }
    tell("unseen", { n: looks ? 0 : told.unseen });
  }
  function load() {
    if (!token) { card(false, pending.length > 0); return Promise.resolve(); }
    return ask("messages").then(function (answer) {
      if (answer.status === 401) { keep(""); return { messages: [], unseen: 0, asks: false, away: away }; }
      return answer.ok ? answer.json() : null;
    }).then(function (told) {
      if (!told) { return; }
      away = told.away;
      $("away").hidden = !away;
      following(function () {
        show(told.messages);
        card(told.asks, told.messages.length + pending.length > 0);
      });
      seen(told);
    });
  }
  function hear(text) {
    var told = JSON.parse(text);
    if (told.news) { load(); }
    if ("writer" in told) {
      following(function () { $("writer").textContent = told.writer ? words.writes.replace("{name}", told.writer) : ""; });
    }
  }
  function listen() {
    if (stream) { stream.abort(); stream = null; }
    if (!token || document.visibilityState !== "visible") { return; }
    var mine = stream = new AbortController();
    function again(seconds) {
      setTimeout(function () { if (stream === mine) { listen(); } }, seconds * 1000);
    }
    ask("news", { signal: mine.signal }).then(function (answer) {
      // Before the first word was received there is nothing to hear.
      if (answer.status === 404 && !pending.length && !items.size) { return null; }
      if (!answer.ok) { again(answer.status === 404 && pending.length ? 1 : 10); return null; }
      var reader = answer.body.getReader();
      var decoder = new TextDecoder();
      var rest = "";
      return reader.read().then(function heard(part) {
        if (part.done) { again(2); return null; }
        var lines = (rest + decoder.decode(part.value, { stream: true })).split("\n\n");
        rest = lines.pop();
        lines.forEach(function (line) { if (line.indexOf("data: ") === 0) { hear(line.slice(6)); } });
        return reader.read().then(heard);
      });
    }).catch(function () { if (stream === mine) { again(5); } });
  }

  // -- what is said

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
  function complain(text) {
    wrong.textContent = text;
    wrong.hidden = !text;
  }
  function fits(files) {
    var size = files.reduce(function (sum, one) { return sum + one.size; }, 0);
    return files.length <= 5 && size <= 10000000;
  }
  function written() {
    return JSON.stringify([form.text.value, Array.from(form.files.files, function (one) {
      return [one.name, one.size, one.lastModified];
    })]);
  }
  // The same for every attempt to send the same words and files.
  var id = "", tried = "";
  // Who writes first, whose token may be lost on its way.
  var first = nonce();
  function send() {
    var text = form.text.value, files = Array.from(form.files.files);
    if ($("send").disabled) { return; }
    if (!text.trim() && !files.length) { form.text.focus(); return; }
    if (!fits(files)) { complain(words.large); return; }
    var what = written();
    if (what !== tried) { id = nonce(); tried = what; }
    var mine = id;
    $("send").disabled = true;
    writing(false);
    Promise.all(files.map(encoded)).then(function (some) {
      var told = { id: mine, text: text, files: some, name: who.name.value || given.get("name") || "",
        email: who.email.value || given.get("email") || "" };
      if (given.get("user")) { told.identity = { user: given.get("user"), hash: given.get("hash") || "" }; }
      if (token) { told.token = token; } else { told.first = first; }
      return post("messages", told);
    }).then(function (answer) {
      if (answer.status === 429) { throw new Error(words.often); }
      if (!answer.ok) { throw new Error(words.failed); }
      return answer.json();
    }).then(function (told) {
      var names = files.map(function (one) { return { name: one.name }; });
      complain("");
      var one = { pending: true, key: mine, mine: true, text: text, files: names, at: Date.now() };
      pending.push(one);
      tried = "";
      // What was written meanwhile stays.
      if (written() === what) { form.text.value = form.files.value = ""; }
      keep(told.token);
      items.set(name(one), entry(one));
      list.append(items.get(name(one)));
      card(false, true);
      main.scrollTop = main.scrollHeight;
      setTimeout(load, 300);
      listen();
    }).catch(function (error) {
      complain(error instanceof TypeError ? words.failed : error.message || words.failed);
    }).then(function () { $("send").disabled = false; form.text.focus(); });
  }
  function writing(on) {
    if (!token || (on ? Date.now() - wroteAt < 4000 : !wroteAt)) { return; }
    wroteAt = on ? Date.now() : 0;
    clearTimeout(writer);
    if (on) { writer = setTimeout(function () { writing(false); }, 6000); }
    post("writing", { on: on }).catch(function () { /* it says nothing that would be missed */ });
  }
  form.addEventListener("submit", function (event) { event.preventDefault(); send(); });
  form.text.addEventListener("input", function () { writing(form.text.value.trim() !== ""); });
  form.text.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  });
  form.text.addEventListener("paste", function (event) {
    if (event.clipboardData.files.length) { event.preventDefault(); form.files.files = event.clipboardData.files; }
  });
  who.addEventListener("submit", function (event) {
    event.preventDefault();
    if (!token) { form.text.focus(); return; }
    post("me", { id: nonce(), name: who.name.value, email: who.email.value }).then(function (answer) {
      if (!answer.ok) { complain(words.failed); return; }
      dismissed = true;
      who.hidden = true;
      complain("");
      $("writer").textContent = words.thanks;
      form.text.focus();
    }).catch(function () { complain(words.failed); });
  });
  $("later").addEventListener("click", function () { dismissed = true; who.hidden = true; form.text.focus(); });

  // -- the page around it

  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      event.preventDefault();
      document.body.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) { form.files.files = event.dataTransfer.files; }
    });
  });
  $("close").hidden = !framed;
  $("close").addEventListener("click", function () { tell("close"); });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { tell("close"); } });
  document.addEventListener("visibilitychange", function () { load().then(listen); });
  window.addEventListener("message", function (event) {
    if (event.source !== parent || !framed) { return; }
    shown = (event.data || {}).pfinbox === "shown";
    if (shown) { form.text.focus(); load(); }
  });
  if ($("back").dateTime) {
    $("back").textContent = words.back.replace("{time}", new Date($("back").dateTime).toLocaleString(
      document.documentElement.lang, { weekday: "long", hour: "2-digit", minute: "2-digit" }));
  }
  who.name.value = given.get("name") || "";
  who.email.value = given.get("email") || "";
  // Whose chat it is, the site says; a token that is kept for them helps where nobody answers.
  function known() {
    if (!given.get("user")) { return Promise.resolve(); }
    return post("token", { user: given.get("user"), hash: given.get("hash") || "" }).then(function (answer) {
      if (answer.status === 422) { keep(""); }
      return answer.ok ? answer.json() : null;
    }).then(function (told) { if (told) { token = told.token; } }).catch(function () { /* as before */ });
  }
  known().then(load).then(listen);
})();
