// One button; the window behind it is loaded when it is pressed for the first time, or at once for
// somebody who has written before: it counts what they have not seen.
(function () {
  "use strict";
  var me = document.currentScript;
  var given = (me && me.dataset) || {};
  var button = document.createElement("button");
  var badge = document.createElement("span");
  var frame = null, ready = false;
  // Whoever is signed in next at the same browser has a token of their own.
  var kept = "pfinbox {{window}}" + (given.user ? " " + given.user : "");
  var narrow = window.matchMedia("(max-width: 480px)");
  function stored() {
    try { return localStorage.getItem(kept) || ""; } catch (error) { return ""; }
  }
  function store(token) {
    try { localStorage.setItem(kept, token); } catch (error) { /* it lasts as long as the page */ }
  }
  button.type = "button";
  // A balloon, drawn: not every machine has a letter for it.
  function drawn(tag, values) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(values).forEach(function (name) { made.setAttribute(name, values[name]); });
    return made;
  }
  var balloon = drawn("svg", { width: 28, height: 28, viewBox: "0 0 24 24", fill: "#fff", "aria-hidden": "true" });
  balloon.append(drawn("path", { d: "M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z" }));
  button.append(balloon, badge);
  button.setAttribute("aria-label", "{{label}}");
  button.setAttribute("aria-expanded", "false");
  button.style.cssText =
    "position:fixed;right:20px;bottom:20px;width:56px;height:56px;border:0;border-radius:50%;" +
    "display:grid;place-items:center;padding:0;cursor:pointer;z-index:2147483646;background:" +
    (given.colour || "#0a5c8a") + ";color:#fff;box-shadow:0 2px 10px rgba(0,0,0,.3)";
  badge.hidden = true;
  badge.setAttribute("aria-hidden", "true");
  function count(n) {
    badge.hidden = !n;
    badge.textContent = n > 9 ? "9+" : String(n);
    badge.style.cssText = n
      ? "position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;padding:0 5px;border-radius:11px;" +
        "box-sizing:border-box;background:#b3261e;color:#fff;font:bold 13px/22px system-ui,sans-serif;text-align:center"
      : "display:none";
    button.setAttribute("aria-label", n ? "{{unseen}}".replace("{n}", n) : "{{label}}");
  }
  function place() {
    if (!frame || frame.hidden) { return; }
    frame.style.cssText = (narrow.matches
      ? "position:fixed;inset:0;width:100%;height:100%;border:0;"
      : "position:fixed;right:20px;bottom:88px;width:380px;height:min(560px,calc(100vh - 110px));" +
        "border:1px solid #8888;border-radius:10px;box-shadow:0 4px 24px rgba(0,0,0,.3);") +
      "z-index:2147483647;background:#fff;color-scheme:auto";
  }
  function load() {
    var query = new URLSearchParams();
    var language = given.lang || document.documentElement.lang;
    ["user", "hash", "name", "email"].forEach(function (name) {
      if (given[name]) { query.set(name, given[name]); }
    });
    if (stored()) { query.set("token", stored()); }
    frame = document.createElement("iframe");
    frame.title = "{{label}}";
    frame.hidden = true;
    frame.style.display = "none";
    // Behind the sign, who the visitor is goes to no server's log.
    frame.src = "{{window}}" + (language ? "?lang=" + encodeURIComponent(language) : "") + "#" + query;
    frame.addEventListener("load", function () { ready = true; tell(); });
    document.body.appendChild(frame);
  }
  function tell() {
    if (!ready) { return; }
    frame.contentWindow.postMessage({ pfinbox: frame.hidden ? "hidden" : "shown" }, new URL(frame.src).origin);
    if (!frame.hidden) { frame.focus(); }
  }
  function toggle(show) {
    if (!frame) { load(); }
    frame.hidden = !show;
    if (show) { place(); } else { frame.style.display = "none"; }
    button.setAttribute("aria-expanded", String(show));
    tell();
    if (!show) { button.focus(); }
  }
  button.addEventListener("click", function () { toggle(button.getAttribute("aria-expanded") !== "true"); });
  narrow.addEventListener("change", place);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && button.getAttribute("aria-expanded") === "true") { toggle(false); }
  });
  window.addEventListener("message", function (event) {
    var told = event.data || {};
    if (!frame || event.source !== frame.contentWindow) { return; }
    if (told.pfinbox === "close") { toggle(false); }
    if (told.pfinbox === "token") { store(String(told.token)); }
    if (told.pfinbox === "unseen") { count(frame.hidden ? Number(told.n) || 0 : 0); }
  });
  document.body.appendChild(button);
  if (stored() || given.user) { load(); }
})();
