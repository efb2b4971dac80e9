// Extras only: the pages work without any of this.
"use strict";
const zone = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const local = (within) => {
  for (const time of within.querySelectorAll("time")) {
    time.title = time.textContent;
    time.textContent = zone.format(new Date(time.dateTime));
  }
};
local(document);

// What appears on an open page: the stream says that something has changed, the page has what.
const talk = document.getElementById("talk");
if (talk && talk.dataset.live) {
  const stream = new EventSource(talk.dataset.live);
  stream.addEventListener("state", async (event) => {
    if (event.data === talk.dataset.state) return;
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("talk");
    if (!fresh) return location.reload();
    const known = new Set([...talk.querySelectorAll("article")].map((one) => one.id));
    local(fresh);
    talk.replaceChildren(...fresh.childNodes);
    talk.dataset.state = fresh.dataset.state;
    const added = [...talk.querySelectorAll("article")].filter((one) => !known.has(one.id));
    if (added.length) {
      const names = added.map((one) => one.querySelector("h2").textContent).join(", ");
      const news = document.getElementById("news");
      news.textContent = news.dataset.words.replace("%s", names);
    }
  });
  addEventListener("pagehide", () => stream.close());
}

// A file that is too large is said before it is sent.
for (const form of document.querySelectorAll("form[data-limit]")) {
  const files = form.querySelector("input[type=file]");
  const note = form.querySelector("#too-large");
  const check = () => {
    const size = [...files.files].reduce((sum, file) => sum + file.size, 0);
    note.hidden = size <= Number(form.dataset.limit);
    return note.hidden;
  };
  files.addEventListener("change", check);
  for (const kind of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop") {
        files.files = event.dataTransfer.files;
        check();
      }
    });
  }
  form.addEventListener("submit", (event) => {
    if (!check()) event.preventDefault();
  });
}
