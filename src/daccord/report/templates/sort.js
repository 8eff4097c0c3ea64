// Sorting for tables marked data-sortable. Without this script the tables stand as they are.
// The first press puts the largest number, or the first word, on top; the next one turns the order round.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const key = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
    button.addEventListener("click", () => {
      const rows = [...body.rows];
      const numbers = rows.every((row) => key(row) !== "" && !isNaN(key(row)));
      const now = head.getAttribute("aria-sort");
      const down = now ? now === "ascending" : numbers;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => (numbers ? key(a) - key(b) : key(a).localeCompare(key(b))));
      body.append(...(down ? rows.reverse() : rows));
    });
  });
}
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
