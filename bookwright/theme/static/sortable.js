// Lets readers sort a table by a column: the heads become buttons. Without it the table reads as is.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const key = (row, column) => row.cells[column].textContent.trim();
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  const number = (text) => parseFloat(text.replace("−", "-"));
  for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
      const rows = [...body.rows].sort((a, b) => {
        const [first, second] = [key(a, column), key(b, column)];
        const numbers = [number(first), number(second)];
        const both = /^[-+−]?[\d.]/.test(first) && /^[-+−]?[\d.]/.test(second);
        if (both && column > 1) return down * (numbers[0] - numbers[1]);
        return down * compare(first, second);
      });
      body.append(...rows);
    });
  }
}
