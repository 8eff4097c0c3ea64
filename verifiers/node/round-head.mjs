/**
 * Seed and budget from round.toml. Only lines `key = value` at the top and below `[budget]` are understood; a file that
 * says the same in another way is not wrong, and is then not compared.
 */

const HEADER = /^\[\[?\s*([^\]]*?)\s*\]\]?\s*(?:#.*)?$/;
const PAIR = /^(?:"([A-Za-z0-9_-]+)"|'([A-Za-z0-9_-]+)'|([A-Za-z0-9_-]+))\s*=\s*(.*)$/;
const VALUE = /^(?:"([^"\\]*)"|'([^']*)'|([0-9][0-9_]*))\s*(?:#.*)?$/;
const FENCE = /"""|'''/g;
const AMOUNT = /^([0-9][0-9_]*)(?:\.([0-9][0-9_]*))?$/;

/** Values of plain lines by `section.key`; null for a line in another form. */
function plainLines(text) {
  const found = new Map();
  let section = "";
  let fence = null;
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/)) {
    const opened = fence !== null;
    for (const [mark] of line.matchAll(FENCE)) {
      if (fence === null) fence = mark;
      else if (fence === mark) fence = null;
    }
    if (opened) continue;
    const header = HEADER.exec(line.trim());
    if (header) section = header[1];
    const pair = header ? null : PAIR.exec(line.trim());
    if (!pair) continue;
    const key = pair[1] ?? pair[2] ?? pair[3];
    const value = VALUE.exec(pair[4]);
    found.set(section === "" ? key : `${section}.${key}`, value ? (value[1] ?? value[2] ?? value[3]) : null);
  }
  return found;
}

/**
 * What round.toml says, as far as it is understood.
 *
 * @param {string} text
 * @returns {{seed?: bigint, amount?: bigint, currency?: string, digits?: bigint}} The amount in minor units.
 */
export function readHead(text) {
  const lines = plainLines(text);
  const out = {};
  const whole = (name) => {
    const said = lines.get(name);
    return typeof said === "string" && /^[0-9][0-9_]*$/.test(said) ? BigInt(said.replaceAll("_", "")) : undefined;
  };
  out.seed = lines.has("seed") ? whole("seed") : 0n;
  out.digits = whole("budget.digits");
  out.currency = lines.get("budget.currency") ?? undefined;
  const amount = AMOUNT.exec(lines.get("budget.amount") ?? "");
  if (amount && out.digits !== undefined && out.digits <= 18n) {
    const [units, part] = [amount[1], amount[2] ?? ""].map((digits) => digits.replaceAll("_", ""));
    const decimals = part.replace(/0+$/, "");
    if (BigInt(decimals.length) <= out.digits) out.amount = BigInt(units + decimals.padEnd(Number(out.digits), "0"));
  }
  return out;
}
