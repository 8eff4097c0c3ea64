/** The rules in effect, from the dotted names of `parameters.effective`. */

import { Real } from "./json.mjs";
import { MalformedError } from "./problem.mjs";
import { asWritten, whole } from "./rational.mjs";

const MICRO = whole(1_000_000n);
const WHERE = "decision.json, parameters.effective";

/**
 * Dotted names as nested tables: `rules.constraints[0].raises[1]` is found at `rules`, `constraints`, `0`, `raises`,
 * `1`.
 *
 * @param {Record<string, *>} effective
 */
function nested(effective) {
  const root = Object.create(null);
  for (const [name, value] of Object.entries(effective)) {
    if (value !== null && typeof value === "object" && !(value instanceof Real)) {
      throw new MalformedError(WHERE, `${name} is no single value`);
    }
    const path = name.split(/\.|\[([0-9]+)\]/).filter((part) => part);
    let table = root;
    for (const part of path.slice(0, -1)) {
      table[part] ??= Object.create(null);
      table = table[part];
      if (table === null || typeof table !== "object" || table instanceof Real) {
        throw new MalformedError(WHERE, `${name} is below a value`);
      }
    }
    const last = path.at(-1) ?? "";
    if (last in table) throw new MalformedError(WHERE, `${name} stands there twice`);
    table[last] = value;
  }
  return root;
}

/** One table of parameters, read with the kind that each must have. */
class Table {
  constructor(values, path) {
    this.values = values ?? Object.create(null);
    this.path = path;
    if (typeof this.values !== "object" || this.values instanceof Real) this.fail("", "is no table");
  }

  fail(name, what) {
    throw new MalformedError(WHERE, `${this.path}${name && `.${name}`} ${what}`);
  }

  table(name) {
    return new Table(this.values[name], `${this.path}.${name}`);
  }

  names() {
    return Object.keys(this.values);
  }

  /** Tables of a list, in order. */
  list(name) {
    const found = this.values[name] ?? Object.create(null);
    return Object.keys(found).map((_, i) => {
      if (!(i in found)) this.fail(name, `lacks its element ${i}`);
      return new Table(found[i], `${this.path}.${name}[${i}]`);
    });
  }

  texts(name) {
    const found = new Table(this.values[name], `${this.path}.${name}`);
    return found.names().map((_, i) => found.text(String(i)));
  }

  text(name) {
    const value = this.values[name];
    if (typeof value !== "string") this.fail(name, "is missing, or no text");
    return value;
  }

  integer(name) {
    const value = this.values[name];
    if (typeof value !== "bigint") this.fail(name, "is missing, or no whole number");
    return value;
  }

  number(name) {
    const value = this.values[name];
    if (typeof value !== "bigint" && !(value instanceof Real)) this.fail(name, "is missing, or no number");
    if (value instanceof Real && !Number.isFinite(Number(value.text))) this.fail(name, "is beyond all bounds");
    return asWritten(value);
  }

  /** As `number`, or null where the file says null. */
  optional(name) {
    return this.values[name] === null ? null : this.number(name);
  }

  /** As a file of results shows a share: a million times the double, rounded half to even. */
  millionths(name) {
    if (this.number(name).compare(whole(1n)) > 0) this.fail(name, "is above 1");
    const value = this.values[name];
    const product = Number(value instanceof Real ? value.text : value) * 1e6;
    const down = Math.floor(product);
    const rest = product - down;
    return BigInt(rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down);
  }

  /** A probability in millionths: the smallest whole number that reaches it. */
  bar(name) {
    return this.number(name).times(MICRO).ceil();
  }
}

/**
 * @param {Record<string, *>} effective Dotted name → value, from `parseJson`.
 * @returns Rules with rational numbers where the reference has floats, and thresholds in millionths.
 * @throws {MalformedError} A parameter is missing or of another kind.
 */
export function rulesOf(effective) {
  const rules = new Table(nested(effective).rules, "rules");
  const [evidence, verdicts, harm] = ["evidence", "verdicts", "harm"].map((name) => rules.table(name));
  return {
    minJudgments: evidence.integer("min_judgments"),
    minJurors: evidence.integer("min_jurors"),
    minGroup: harm.integer("min_group"),
    bars: {
      accelerate: verdicts.bar("accelerate"),
      safeguards: verdicts.bar("safeguards"),
      hold: verdicts.bar("hold"),
      communitySure: verdicts.bar("community_sure"),
      agreement: verdicts.bar("agreement"),
    },
    paysAllNotHeld: verdicts.text("pays") === "not_held",
    gated: verdicts.number("gated"),
    money: moneyOf(rules.table("money")),
    constraints: rules.list("constraints").map((one) => ({
      projects: one.texts("projects"),
      raises: one.texts("raises"),
    })),
    safeguards: rules.list("safeguards").map((one) => ({
      condition: one.text("condition"),
      returns: one.number("returns"),
      returnsMillionths: one.millionths("returns"),
      projects: one.texts("projects"),
      risks: one.texts("risks"),
      cells: one.texts("cells"),
      roles: one.texts("roles"),
    })),
    holdDays: rules.integer("hold_days"),
    decidedOn: rules.text("decided_on"),
    earlierHolds: rules.list("earlier_holds").map((one) => ({
      project: one.text("project"),
      since: one.text("since"),
      days: one.integer("days"),
      probability: one.integer("probability"),
    })),
  };
}

function moneyOf(money) {
  const floors = money.table("floors");
  return {
    rule: money.text("rule"),
    basis: money.text("basis"),
    caution: money.number("caution"),
    defencePriority: money.number("defence_priority"),
    diffusionPriority: money.number("diffusion_priority"),
    saturation: money.number("saturation"),
    harmBudget: money.optional("harm_budget"),
    teamCap: money.optional("team_cap"),
    floors: floors.names().map((cell) => ({ cell, share: floors.number(cell) })),
    minimum: money.integer("minimum"),
    evidenceCap: money.number("evidence_cap"),
  };
}
