// One button; the window behind it is loaded when it is pressed for the first time.
(function () {
  "use strict";
  var me = document.currentScript;
  var given = (me && me.dataset) || {};
  var button = document.createElement("button");
  var frame = null;
  var kept = "pfinbox {{window}}";
  function stored() {
    try { return localStorage.getItem(kept) || ""; } catch (error) { return ""; }
  }
  function store(token) {
    try { localStorage.setItem(kept, token); } catch (error) { /* it lasts as long as the page */ }
  }
  button.type = "button";
  button.textContent = "\u{1F4AC}";
  button.setAttribute("aria-label", "{{label}}");
  button.setAttribute("aria-expanded", "false");
  button.style.cssText =
    "position:fixed;right:20px;bottom:20px;width:56px;height:56px;border:0;border-radius:50%;" +
    "font-size:26px;cursor:pointer;z-index:2147483646;background:" +
    (given.colour || "#0a5c8a") + ";color:#fff;box-shadow:0 2px 10px rgba(0,0,0,.3)";
  function open() {
    var query = new URLSearchParams();
    ["user", "hash", "name", "email"].forEach(function (name) {
      if (given[name]) { query.set(name, given[name]); }
    });
    if (stored()) { query.set("token", stored()); }
    frame = document.createElement("iframe");
    frame.title = "{{label}}";
    // Behind the sign, who the visitor is goes to no server's log.
    frame.src = "{{window}}#" + query.toString();
    frame.style.cssText =
      "position:fixed;right:20px;bottom:88px;width:min(380px,calc(100vw - 40px));" +
      "height:min(560px,calc(100vh - 110px));border:1px solid #8888;border-radius:10px;" +
      "z-index:2147483646;background:#fff;box-shadow:0 4px 24px rgba(0,0,0,.3)";
    document.body.appendChild(frame);
    frame.addEventListener("load", function () { frame.focus(); });
  }
  function toggle(show) {
    if (show && !frame) { open(); } else if (frame) { frame.hidden = !show; frame.style.display = show ? "" : "none"; }
    button.setAttribute("aria-expanded", String(show));
    if (!show) { button.focus(); }
  }
  button.addEventListener("click", function () {
    toggle(button.getAttribute("aria-expanded") !== "true");
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && button.getAttribute("aria-expanded") === "true") { toggle(false); }
  });
  window.addEventListener("message", function (event) {
    var told = event.data || {};
    if (!frame || event.source !== frame.contentWindow) { return; }
    if (told.pfinbox === "close") { toggle(false); }
    if (told.pfinbox === "token") { store(String(told.token)); }
  });
  document.body.appendChild(button);
})();
