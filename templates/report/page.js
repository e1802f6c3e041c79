(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");

  function recall(key) { try { return localStorage.getItem("creator_kit." + key); } catch (e) { return null; } }
  function keep(key, value) { try { localStorage.setItem("creator_kit." + key, value); } catch (e) { /* a page from a disk may keep nothing */ } }
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function one(id) { return document.getElementById(id); }

  function speak(language) {
    root.dataset.lang = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    all("[data-l10n]").forEach(function (e) { e.setAttribute(e.dataset.l10n, e.dataset[language]); });
  }
  function paint(theme) {
    if (theme === "light" || theme === "dark") { root.dataset.theme = theme; } else { delete root.dataset.theme; }
  }
  paint(recall("theme"));

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function say(id) {
    var line = one("say"), text = one(id);
    line.textContent = "";
    if (text) { all("*", text).forEach(function (e) { line.appendChild(e.cloneNode(true)); });
      if (!line.childNodes.length) { line.textContent = text.textContent; } }
    line.classList.add("on");
    clearTimeout(say.timer);
    say.timer = setTimeout(function () { line.classList.remove("on"); line.textContent = ""; }, 2600);
  }

  function select(element) {
    var range = document.createRange(), selection = getSelection();
    range.selectNodeContents(element);
    selection.removeAllRanges();
    selection.addRange(range);
  }
  function copy(button) {
    var source = one(button.dataset.copy), text = source.textContent;
    function done() { button.classList.add("done"); setTimeout(function () { button.classList.remove("done"); }, 1600); say("copied"); }
    function byHand() {
      select(source);
      var ok = false;
      try { ok = document.execCommand("copy"); } catch (e) { ok = false; }
      if (ok) { done(); } else { say("select"); }
    }
    if (navigator.clipboard && navigator.clipboard.writeText) { navigator.clipboard.writeText(text).then(done, byHand); } else { byHand(); }
  }

  var lastTab = "", opener = null, scrolled = 0;
  function show() {
    var id = decodeURIComponent(location.hash.slice(1)), target = id && one(id), tabs = all("section.tab");
    if (!tabs.length) { return; }
    var note = target && target.closest(".note");
    all(".note.open").forEach(function (e) { if (e !== note) { e.classList.remove("open"); } });
    all("body > .skip, body > header, body > main").forEach(function (e) { e.inert = Boolean(note); });
    root.classList.toggle("reading", Boolean(note));
    if (note) {
      note.classList.add("open");
      note.focus();
      if (lastTab) { return; }
    }
    var tab = target && !note ? target.closest("section.tab") : null;
    tab = tab || (lastTab && one(lastTab)) || tabs[0];
    var changed = lastTab !== tab.id;
    lastTab = tab.id;
    tabs.forEach(function (e) { e.classList.toggle("active", e === tab); });
    all("nav a").forEach(function (a) {
      if (a.getAttribute("href") === "#" + tab.id) { a.setAttribute("aria-current", "page"); } else { a.removeAttribute("aria-current"); }
    });
    if (note) { return; }
    if (opener && !changed) { scrollTo(0, scrolled); opener.focus({ preventScroll: true }); }
    else if (target && target !== tab) { target.scrollIntoView(); }
    else if (changed) { requestAnimationFrame(function () { scrollTo(0, 0); }); }
    opener = null;
  }
  function close() { location.hash = "#" + (lastTab || "feed"); }

  function textOf(card) {
    if (card.words === undefined) {
      var note = one(card.querySelector(".open-note").getAttribute("href").slice(1));
      card.words = (card.dataset.find + " " + all(".part-text", note).map(function (e) { return e.textContent; }).join(" ")).toLowerCase();
    }
    return card.words;
  }

  var picked = [];
  function filter() {
    var words = (one("find") ? one("find").value : "").trim().toLowerCase().split(/\s+/).filter(Boolean);
    var state = one("state") ? one("state").value : "", persona = one("persona") ? one("persona").value : "", n = 0;
    all(".card.draft").forEach(function (card) {
      var text = words.length ? textOf(card) : "";
      var fits = (!state || card.dataset.state === state) && (!persona || card.dataset.persona === persona) &&
        words.every(function (w) { return text.indexOf(w) >= 0; });
      card.hidden = !fits;
      if (fits) { n += 1; }
    });
    var narrowed = Boolean(words.length || state || persona);
    all(".card.neighbour").forEach(function (card) { card.hidden = narrowed || Boolean(one("alone") && one("alone").checked); });
    if (one("n-shown")) { one("n-shown").textContent = String(n); }
    if (one("none-fits")) { one("none-fits").hidden = n > 0; }
  }
  function pick() {
    picked = all(".pick:checked").map(function (e) { return e.value; });
    all("#compare .side").forEach(function (e) { e.hidden = picked.length >= 2 && picked.indexOf(e.dataset.id) < 0; });
    all(".n-picked").forEach(function (e) { e.textContent = String(picked.length); });
    root.classList.toggle("comparing", picked.length >= 2);
    root.classList.toggle("picking", picked.length > 0);
    all(".pick").forEach(function (e) { e.checked = picked.indexOf(e.value) >= 0; });
  }
  function sift() {
    var kind = one("kind").value, tier = one("tier").value, n = 0;
    all(".template").forEach(function (e) {
      var fits = (!kind || (" " + e.dataset.kinds + " ").indexOf(" " + kind + " ") >= 0) && (!tier || e.dataset.tier === tier);
      e.hidden = !fits;
      if (fits) { n += 1; }
    });
    one("n-templates").textContent = String(n);
  }

  document.addEventListener("DOMContentLoaded", function () {
    var language = recall("language");
    if (language === "zh" || language === "en") { speak(language); }
    one("language").addEventListener("click", function () {
      var other = root.dataset.lang === "zh" ? "en" : "zh";
      speak(other); keep("language", other);
    });
    one("theme").addEventListener("click", function () {
      var other = isDark() ? "light" : "dark";
      paint(other); keep("theme", other);
    });
    document.addEventListener("click", function (event) {
      var e = event.target.closest("a, button");
      if (!e) { return; }
      if (e.classList.contains("copy")) { copy(e); }
      if (e.classList.contains("open-note")) { opener = e; scrolled = window.scrollY; }
      if (e.classList.contains("close")) { event.preventDefault(); close(); }
      if (e.id === "clear") { all(".pick").forEach(function (p) { p.checked = false; }); pick(); }
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && root.classList.contains("reading")) { close(); }
    });
    ["find", "state", "persona", "alone"].forEach(function (id) {
      if (one(id)) { one(id).addEventListener("input", filter); }
    });
    ["kind", "tier"].forEach(function (id) { if (one(id)) { one(id).addEventListener("input", sift); } });
    document.addEventListener("change", function (event) { if (event.target.classList.contains("pick")) { pick(); } });
    addEventListener("hashchange", show);
    // What is far below is fetched once all else is done, so that a printed page lacks no picture.
    addEventListener("load", function () {
      var waiting = all(".card img, .side img, .entry img");
      (function next() {
        waiting.splice(0, 40).forEach(function (e) { e.loading = "eager"; });
        if (waiting.length) { setTimeout(next, 120); }
      })();
    });
    addEventListener("beforeprint", function () { all(".rung details").forEach(function (d) { d.dataset.was = d.open ? "1" : ""; d.open = true; }); });
    addEventListener("afterprint", function () { all(".rung details").forEach(function (d) { d.open = Boolean(d.dataset.was); }); });
    if (one("find")) { filter(); }
    if (one("kind")) { sift(); }
    pick();
    show();
    // A part is shown from its top; the browser would leave its heading under the bar.
    addEventListener("load", function () {
      if (one(location.hash.slice(1)) && one(location.hash.slice(1)).matches("section.tab")) { scrollTo(0, 0); }
    });
  });
})();
