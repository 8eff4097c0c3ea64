/**
 * Verdicts from published integers: the table of docs/methods/verdicts.md, line by line.
 *
 * Thresholds are millionths: the smallest whole number that reaches what the rules write. Probabilities of harm are the
 * lower ends of published levels.
 */

import { dayAfter, daysBetween } from "./days.mjs";
import { breaks, closedGates, compareTexts, inInformationDomain } from "./gates.mjs";
import { NoDecisionError } from "./problem.mjs";

const MICRO = 1_000_000n;
const HARMS = ["harm", "harm_if_adversary"];
const AXES = ["defence", "defence_if_adversary", "diffusion"];

/**
 * @typedef {object} Verdict
 * @property {string} label
 * @property {bigint | null} probability Millionths.
 * @property {boolean} atLeast Whether the probability is a lower bound.
 * @property {string} of What it is the probability of; empty if there is none.
 * @property {string[]} codes Of its reasons, in order.
 * @property {*[]} gates Closed ones that its money waits for.
 * @property {bigint | null} days Until a hold expires.
 * @property {boolean} stopped Held, or harm that is disputed: no money flows under any rule.
 */

/** What all verdicts of a round have in common. */
export class Court {
  /**
   * @param {import("./portfolio.mjs").Portfolio} portfolio
   * @param {*} rules From `rulesOf`.
   * @param {Map<string, Record<string, *>>} scores Project id → criterion → score, as the decision file has them.
   */
  constructor(portfolio, rules, scores) {
    this.portfolio = portfolio;
    this.rules = rules;
    this.scores = scores;
    const all = [...scores.values()];
    this.harms = HARMS.filter((name) => all.some((score) => name in score));
    this.communities = new Set(all.flatMap((score) => Object.keys(score.benefit?.communities ?? {})));
    this.earlier = new Map(rules.earlierHolds.map((hold) => [hold.project, hold]));
    if (this.earlier.size && !rules.decidedOn) {
      throw new NoDecisionError("earlier holds expire by the calendar, and the day of the decision is not stated");
    }
  }

  /** @param {string} id @returns {Verdict} */
  verdict(id) {
    return new Case(this, this.portfolio.known.get(id), this.scores.get(id)).verdict();
  }
}

/** One project before the court. */
class Case {
  constructor(court, project, score) {
    this.court = court;
    this.rules = court.rules;
    this.bars = court.rules.bars;
    this.project = project;
    this.score = score;
    // Criteria of harm that enough people judged, the most probable first, those without a limit last.
    this.harms = court.harms.filter((name) => !this.isThin(name));
    this.harms.sort((a, b) => compare(rank(score[b]), rank(score[a])));
  }

  verdict() {
    const forbidden = this.rules.constraints.filter((constraint) => breaks(this.project, constraint));
    if (forbidden.length) {
      const event = "that it breaks a hard constraint, which is a rule and not an estimate";
      return this.hold(MICRO, event, forbidden.map(() => "hard_constraint"), this.rules.holdDays, false);
    }
    const byHarm = this.stoppedByHarm();
    if (byHarm?.label === "hold") return byHarm;
    const earlier = this.court.earlier.get(this.project.id);
    const left = earlier ? daysLeft(earlier, this.rules.decidedOn) : 0n;
    const judgedAnew = this.court.harms.length > 0 && this.harms.length === this.court.harms.length;
    if (left && !judgedAnew) {
      const event = "that its harm is above the limit, by the earlier decision";
      return this.hold(earlier.probability, event, ["earlier_hold", ...this.says()], left);
    }
    const verdict = byHarm ?? this.open();
    if (earlier) verdict.codes.push(left ? "hold_lifted" : "reopened");
    return verdict;
  }

  isThin(criterion) {
    const score = this.score[criterion];
    const atLeast = (count) => (count > 1n ? count : 1n);
    return (
      !score ||
      score.judgments < atLeast(this.rules.minJudgments) ||
      score.jurors < atLeast(this.rules.minJurors)
    );
  }

  /** A code for each criterion on which too few people answered. */
  thin() {
    return ["benefit", ...this.court.harms].filter((name) => this.isThin(name)).map(() => "thin_evidence");
  }

  stoppedByHarm() {
    const { hold, communitySure: sure } = this.bars;
    const disputed = [];
    for (const name of this.harms) {
      const called = name === "harm" ? "harm" : "harm in an adversary's hands";
      const { above } = this.score[name];
      const said = Object.values(this.score[name].communities);
      const dissent = said.some((chance) => chance <= MICRO - sure);
      const certain = !dissent && said.some((chance) => chance >= sure);
      if (above !== null && above >= hold) {
        if (dissent) {
          disputed.push("hold_disputed");
          continue;
        }
        const also = certain ? ["community_sure"] : [];
        const rest = this.says().filter((code) => code !== "harm_above_limit");
        return this.hold(hold, `that its ${called} is above the limit`, ["harm_above_limit", ...also, ...rest]);
      }
      if (certain) {
        const by = `by the answers of the community “${surest(this.score[name])}” alone`;
        return this.hold(sure, `that its ${called} is above the limit, ${by}`, ["community_sure", ...this.says()]);
      }
    }
    if (!disputed.length) return null;
    const thin = this.thin();
    const verdict = thin.length
      ? plain("unrated", null, "", [...disputed, ...thin])
      : plain("unclear", null, "", [...disputed, ...this.axes()]);
    return { ...verdict, stopped: true };
  }

  open() {
    const thin = this.thin();
    return thin.length ? plain("unrated", null, "", thin) : this.rated(this.score.benefit);
  }

  rated(benefit) {
    const gates = closedGates(this.court.portfolio, this.project);
    const closed = gates.length ? ["gate_closed"] : [];
    const benefitCode = this.benefitCode();
    const harmCode = this.harmCode();
    const unlimited = this.harms.filter((name) => this.score[name].above === null);
    if (benefit.above === null || unlimited.length) {
      const first = [...(benefit.above === null ? ["no_bar"] : []), ...unlimited.map(() => "no_harm_limit")];
      const rest = [benefitCode, harmCode].filter((code) => !first.includes(code));
      return plain("unclear", null, "", [...first, ...rest, ...closed, ...this.axes()]);
    }
    const agreement = this.agreement(benefit);
    const agreed = agreement ? [agreement] : [];
    if (benefit.above < this.bars.accelerate) {
      const codes = [benefitCode, harmCode, ...agreed, ...this.axes()];
      return plain("unclear", MICRO - benefit.above, "that its benefit is not above the bar", codes);
    }
    if (agreement === "groups_disagree" || agreement === "agreement_not_shown") {
      return plain("unclear", null, "", [agreement, benefitCode, harmCode, ...this.axes()]);
    }
    const harm = this.harms.length ? this.score[this.harms[0]] : null;
    const risky = harm !== null && harm.above >= this.bars.safeguards;
    const event = "that its benefit is above the bar";
    if (risky || gates.length) {
      const first = risky ? [harmCode, ...closed] : [...closed, harmCode];
      const codes = [...first, benefitCode, ...agreed, ...this.axes()];
      return { ...plain("with_safeguards", benefit.above, event, codes), gates };
    }
    const low = this.bars.safeguards < this.bars.hold ? this.bars.safeguards : this.bars.hold;
    const beside = harm ? `, with less than ${percent(low)} for harm above the limit` : "; its harm was not judged";
    return plain("accelerate", benefit.above, event + beside, [benefitCode, harmCode, ...agreed, ...this.axes()]);
  }

  hold(probability, event, codes, days = this.rules.holdDays, atLeast = true) {
    const verdict = plain("hold", probability, event, [...codes, ...this.axes()]);
    return { ...verdict, atLeast, days, stopped: true };
  }

  /** Codes of what is believed of harm and benefit, as far as it is. */
  says() {
    const harm = this.court.harms.length && !this.harms.length ? [] : [this.harmCode()];
    return this.isThin("benefit") ? harm : [...harm, this.benefitCode()];
  }

  benefitCode() {
    const { above } = this.score.benefit;
    if (above === null) return "no_bar";
    return above >= this.bars.accelerate ? "benefit_above_bar" : "benefit_below_bar";
  }

  harmCode() {
    if (!this.harms.length) return "harm_not_judged";
    const { above } = this.score[this.harms[0]];
    if (above === null) return "no_harm_limit";
    if (above >= this.bars.hold) return "harm_above_limit";
    return above >= this.bars.safeguards ? "harm_needs_safeguards" : "harm_below_limit";
  }

  /** The code of what is to be said about agreement across communities; null where nothing is. */
  agreement(benefit) {
    if (this.bars.agreement === 0n || !inInformationDomain(this.project)) return null;
    if (this.court.communities.size < 2) return "agreement_unknown";
    const said = Object.values(benefit.communities);
    if (said.length < 2) return "agreement_not_shown";
    return said.every((chance) => chance >= this.bars.agreement) ? "groups_agree" : "groups_disagree";
  }

  axes() {
    const low = (name) => this.score[name] && this.score[name].above !== null && 2n * this.score[name].above < MICRO;
    return AXES.filter(low).map((name) => `${name}_below_bar`);
  }
}

/** @returns {Verdict} */
const plain = (label, probability, of, codes) => ({
  label,
  probability,
  atLeast: false,
  of,
  codes,
  gates: [],
  days: null,
  stopped: false,
});

const rank = (score) => (score.above === null ? -1n : score.above);
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** The community that gives the largest probability, the first by name between equals. */
function surest(score) {
  const all = Object.entries(score.communities);
  const most = all.reduce((top, [, chance]) => (chance > top ? chance : top), 0n);
  return all.filter(([, chance]) => chance === most).map(([name]) => name).sort(compareTexts)[0];
}

function daysLeft(hold, today) {
  const left = daysBetween(today, dayAfter(hold.since, hold.days));
  return left > 0n ? left : 0n;
}

/** A threshold in per cent with all its decimals. */
export function percent(millionths) {
  const part = (millionths % 10_000n).toString().padStart(4, "0").replace(/0+$/, "");
  return `${millionths / 10_000n}${part && `.${part}`} %`;
}
