// What pages do beside htmx: nothing that a page needs to work.
(function () {
  "use strict";

  // "/" goes to the search field, as in many programs of offices.
  document.addEventListener("keydown", function (e) {
    var tag = (e.target.tagName || "").toLowerCase();
    if (e.key !== "/" || e.ctrlKey || e.altKey || e.metaKey || tag === "input" || tag === "textarea" || tag === "select") return;
    var field = document.querySelector("[data-search]");
    if (field) { e.preventDefault(); field.focus(); }
    else if (document.querySelector('nav a[href="/people"]')) { window.location.href = "/people"; }
  });

  // A form that was sent is not sent twice by a second click.
  document.addEventListener("submit", function (e) {
    var form = e.target;
    if (form.hasAttribute("data-sent")) { e.preventDefault(); return; }
    var ask = form.getAttribute("data-confirm");
    if (ask && !window.confirm(ask)) { e.preventDefault(); return; }
    if (form.target === "_blank" || form.hasAttribute("data-again")) return;
    form.setAttribute("data-sent", "");
    window.setTimeout(function () { form.removeAttribute("data-sent"); }, 5000);
  });

  // What is wrong with a form that was sent comes into view and is read out; the inputs it
  // names are marked, and its links lead into them.
  function show(what) {
    what.tabIndex = -1;
    what.focus({preventScroll: true});
    what.scrollIntoView({block: "center"});
  }
  function inputOf(link) {
    var form = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    var found = form && form.elements ? form.elements[link.getAttribute("data-input") || ""] : null;
    if (found && !found.tagName) found = found[link.getAttribute("data-row") || 0]; // several of one name
    return found || (form && form.querySelector("input:not([type=hidden]), select, textarea"));
  }
  function unfold(what) {
    for (var d = what.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
  }
  var wrong = document.getElementById("wrong");
  if (wrong) {
    wrong.querySelectorAll("a[href^='#']").forEach(function (link) {
      var input = inputOf(link);
      if (!input) return;
      unfold(input);
      if (link.hasAttribute("data-input")) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", "wrong");
      }
      link.addEventListener("click", function (e) {
        e.preventDefault();
        input.focus({preventScroll: true});
        input.scrollIntoView({block: "center"});
      });
    });
    if (!document.querySelector("[autofocus]")) show(wrong);
  }
  document.addEventListener("htmx:afterSwap", function (e) {
    if (e.target.id === "flash" && e.target.querySelector(".bad")) show(e.target.querySelector(".bad"));
    else if (e.target.querySelector && e.target.querySelector("#wrong")) show(e.target.querySelector("#wrong"));
  });

  // Choosing all rows of a table.
  document.addEventListener("change", function (e) {
    var all = e.target.getAttribute && e.target.getAttribute("data-all");
    if (!all) return;
    document.querySelectorAll('input[type=checkbox][name="' + all + '"]').forEach(function (box) { box.checked = e.target.checked; });
  });

  // Files dropped on a form are as good as chosen ones.
  document.querySelectorAll("[data-drop]").forEach(function (area) {
    var input = area.querySelector("input[type=file]");
    var name = area.querySelector("[data-name]");
    function show() { if (name && input.files.length) { name.textContent = input.files[0].name; area.classList.add("chosen"); } }
    area.addEventListener("dragover", function (e) { e.preventDefault(); area.classList.add("over"); });
    area.addEventListener("dragleave", function () { area.classList.remove("over"); });
    area.addEventListener("drop", function (e) {
      e.preventDefault();
      area.classList.remove("over");
      if (e.dataTransfer.files.length) { input.files = e.dataTransfer.files; show(); }
    });
    input.addEventListener("change", show);
  });

  // Paper cannot be unfolded.
  var unfolded = [];
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not([open]):not(.no-print)").forEach(function (d) { d.open = true; unfolded.push(d); });
  });
  window.addEventListener("afterprint", function () {
    unfolded.forEach(function (d) { d.open = false; });
    unfolded = [];
  });

  // What was typed when the session was over goes back into its form. Of several forms with
  // one address it is the one whose hidden fields are those that were sent.
  function refill(kept) {
    var sent = {}, best = null, most = -1, filled = false;
    kept.querySelectorAll("form input").forEach(function (x) { (sent[x.name] = sent[x.name] || []).push(x.value); });
    document.querySelectorAll("form").forEach(function (f) {
      var at = new URL(f.getAttribute("action") || "", window.location.href);
      if (kept.contains(f) || f.method !== "post" || at.pathname + at.search !== kept.getAttribute("data-action")) return;
      var same = Array.from(f.elements).filter(function (x) { return x.type === "hidden" && sent[x.name] && sent[x.name].indexOf(x.value) >= 0; }).length;
      if (same > most) { best = f; most = same; }
    });
    if (!best) return;
    var next = {};
    Array.from(best.elements).forEach(function (x) {
      var values = sent[x.name] || [];
      if (!x.name || /^(hidden|password|file|submit|button)$/.test(x.type)) return;
      if (x.type === "checkbox" || x.type === "radio") { x.checked = values.indexOf(x.value) >= 0; filled = filled || x.checked; return; }
      var n = next[x.name] = (next[x.name] || 0) + 1;
      if (n <= values.length) { x.value = values[n - 1]; filled = true; }
    });
    if (!filled) return;
    kept.querySelector("form").hidden = true;
    kept.querySelector("[data-filled]").hidden = false;
    for (var d = best.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    kept.scrollIntoView();
  }
  var kept = document.getElementById("kept");
  if (kept && kept.querySelector("form")) refill(kept);

  document.addEventListener("click", function (e) {
    if (e.target.hasAttribute && e.target.hasAttribute("data-print")) window.print();
  });
})();
