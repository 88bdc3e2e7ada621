"use strict";
// Filters, sorts and opens the rows. Without this script, the page shows all rows in their first order.
(() => {
  const list = document.querySelector(".rows");
  const rows = [...list.children];
  const tools = document.querySelector(".tools");
  const shown = document.querySelector("#shown");
  const fields = [...tools.querySelectorAll("[name]")];
  const texts = new Map(rows.map((row) => [row, row.firstElementChild.textContent.toLowerCase()]));
  const number = (row, key) => (row.dataset[key] === undefined ? -Infinity : Number(row.dataset[key]));
  const orders = {
    savings: (a, b) => number(b, "savings") - number(a, "savings"),
    cost: (a, b) => number(b, "cost") - number(a, "cost"),
    calls: (a, b) => number(b, "calls") - number(a, "calls"),
    place: (a, b) => number(a, "place") - number(b, "place"),
  };
  let sorted = "savings"; // the order of the page
  const chosen = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));

  function fits(row, wanted) {
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    return (
      words.every((word) => texts.get(row).includes(word)) &&
      ["verdict", "waiting", "repository"].every((key) => !wanted[key] || row.dataset[key] === wanted[key]) &&
      (!wanted.owner || row.dataset.owner.split("\n").includes(wanted.owner))
    );
  }

  function update() {
    const wanted = chosen();
    const kept = rows.filter((row) => {
      row.hidden = !fits(row, wanted);
      return !row.hidden;
    });
    if (wanted.order !== sorted && wanted.order in orders) {
      // Moving thousands of rows takes a browser seconds if it has to lay them out. Sorting is stable, so equal rows keep their order.
      sorted = wanted.order;
      list.remove();
      list.append(...[...rows].sort(orders[sorted]));
      shown.nextElementSibling.after(list);
    }
    shown.textContent = kept.length === rows.length ? `${rows.length} workloads` : `${kept.length} of ${rows.length} workloads`;
    const state = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    try {
      history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
    } catch {
      // A page without an address of its own, as in a preview, keeps no state.
    }
  }

  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = fields.find((each) => each.name === name);
    if (field) field.value = value;
    if (field && field.value !== value) field.value = "";
  }
  tools.hidden = false;
  tools.addEventListener("input", update);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.querySelector("[type=reset]").addEventListener("click", () => setTimeout(update));
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest(".row");
    if (event.key === "/" && !event.target.closest("input, select")) {
      tools.querySelector("[name=text]").focus();
      event.preventDefault();
    } else if (row && event.target.tagName === "SUMMARY" && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      let next = row;
      do next = event.key === "ArrowDown" ? next.nextElementSibling : next.previousElementSibling;
      while (next && next.hidden);
      if (next) next.firstElementChild.focus();
      event.preventDefault();
    }
  });
  update();
})();
