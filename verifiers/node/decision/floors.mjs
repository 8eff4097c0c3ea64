/**
 * `differential` with floors per domain cell, through its dual in decimals of 80 digits.
 *
 *     maximise   Σ w_i k ln(1 + x_i/k)
 *     subject to 0 ≤ x_i ≤ a_i,  Σ x_i ≤ B,  Σ_team x_i ≤ cap,  Σ_i m_ic x_i ≥ f_c for each cell c
 *
 * With a multiplier η_c in [0, 10^9] for each floor, in units of the largest weight, project i has the bonus
 * `b_i = Σ_c η_c m_ic` and takes `clamp(k (w_i / (p − b_i) − 1), 0, a_i)` at the price p. The multipliers are found by
 * a projected Newton method on the surplus over the floors. There is no closed form, so the published digits are those
 * of these very steps in this very order: sums go from left to right, and every step is correctly rounded.
 */

import { Arithmetic, Decimal, larger, smaller } from "./decimal.mjs";
import { NoDecisionError } from "./problem.mjs";
import { priceOf, take } from "./prices.mjs";

const { zero, one } = Decimal;
const eighty = new Arithmetic(80);
const { plus, minus, times, over, sum } = Object.fromEntries(
  ["plus", "minus", "times", "over", "sum"].map((name) => [name, eighty[name].bind(eighty)]),
);
const LARGEST = new Decimal(10n ** 9n);
const TWO = new Decimal(2n);
const ITERATIONS = 500;
const SEARCHES = 200;

/** Largest violation of a floor's optimality condition, minor units. */
export const TOLERANCE = new Decimal(1n, -9);

const dot = (a, b) => sum(a.map((value, i) => times(value, b[i])));

/** Everything about one solution but the multipliers. */
class Problem {
  constructor({ weights, bounds, total, k, caps, memberships, floors }) {
    const largest = new Decimal(weights.reduce((most, weight) => (weight > most ? weight : most)));
    this.weights = weights.map((weight) => over(new Decimal(weight), largest));
    this.bounds = bounds.map((bound) => new Decimal(bound));
    this.k = eighty.of(k);
    this.total = new Decimal(total);
    this.caps = caps;
    this.memberships = memberships.map((row) => row.map((share) => eighty.of(share)));
    this.floors = floors.map((floor) => eighty.of(floor));
  }

  /** Prices and amounts at given multipliers, and by how much each floor is passed. */
  state(eta) {
    const everybody = this.weights.map((_, i) => i);
    const bonus = this.memberships.map((row) => dot(eta, row));
    const market = { k: this.k, weights: this.weights, bonus, arithmetic: eighty };
    let bounds = [...this.bounds];
    let teamPrices = bounds.map(() => null);
    for (const { amount, members } of this.caps) {
      const price = priceOf(market, members, this.bounds, new Decimal(amount));
      if (price === null) continue;
      for (const i of members) {
        bounds[i] = take(market, i, this.bounds[i], minus(price, bonus[i]));
        teamPrices[i] = price;
      }
    }
    const price = priceOf(market, everybody, bounds, this.total);
    const amounts = price === null ? bounds : everybody.map((i) => take(market, i, bounds[i], minus(price, bonus[i])));
    teamPrices = teamPrices.map((own) => (own !== null && price !== null && own.atMost(price) ? null : own));
    const surplus = this.floors.map((floor, c) => minus(dot(this.memberships.map((row) => row[c]), amounts), floor));
    return { amounts, price, teamPrices, surplus };
  }

  /** Derivative of the surplus by the multipliers. */
  response(eta, state) {
    const cells = this.floors.map((_, c) => c);
    const matrix = cells.map(() => cells.map(() => zero));
    for (const { price, members } of this.groups(state)) {
      let all = zero;
      const first = cells.map(() => zero);
      for (const i of members) {
        const row = this.memberships[i];
        const net = minus(price, dot(eta, row));
        const speed = over(times(this.k, this.weights[i]), times(net, net));
        all = plus(all, speed);
        for (const c of cells) {
          first[c] = plus(first[c], times(speed, row[c]));
          for (const d of cells) matrix[c][d] = plus(matrix[c][d], times(times(speed, row[c]), row[d]));
        }
      }
      for (const c of cells) {
        for (const d of cells) matrix[c][d] = minus(matrix[c][d], over(times(first[c], first[d]), all));
      }
    }
    return matrix;
  }

  /** Projects that are at no bound, by the price that they pay. */
  groups(state) {
    const groups = [];
    state.amounts.forEach((amount, i) => {
      const price = state.teamPrices[i] ?? state.price;
      if (price === null || amount.sign <= 0 || !amount.below(this.bounds[i])) return;
      const group = groups.find((known) => known.price.equals(price));
      if (group) group.members.push(i);
      else groups.push({ price, members: [i] });
    });
    return groups;
  }
}

/** Elimination with pivoting. */
function solve(matrix, right) {
  const size = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let c = 0; c < size; c += 1) {
    let pivot = c;
    for (let r = c + 1; r < size; r += 1) if (rows[pivot][c].magnitude().below(rows[r][c].magnitude())) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    for (let r = c + 1; r < size; r += 1) {
      const ratio = over(rows[r][c], rows[c][c]);
      rows[r] = rows[r].map((value, d) => minus(value, times(ratio, rows[c][d])));
    }
  }
  const out = right.map(() => zero);
  for (let c = size - 1; c >= 0; c -= 1) {
    let known = zero;
    for (let d = c + 1; d < size; d += 1) known = plus(known, times(rows[c][d], out[d]));
    out[c] = over(minus(rows[c][size], known), rows[c][c]);
  }
  return out;
}

/** Whether a multiplier is neither at a bound nor pushed against it. */
const isFree = (eta, surplus) => !((eta.sign <= 0 && surplus.sign >= 0) || (LARGEST.atMost(eta) && surplus.sign <= 0));

/** Newton's direction among the multipliers that may move; zero where a bound would be left at once. */
function direction(problem, eta, state) {
  const matrix = problem.response(eta, state);
  const steepest = matrix.map((row, c) => row[c]).reduce(larger);
  const ridge = larger(times(steepest, new Decimal(1n, -30)), times(new Decimal(1n, -40), problem.total));
  let free = eta.map((_, c) => c).filter((c) => isFree(eta[c], state.surplus[c]));
  for (;;) {
    const reduced = free.map((c) => free.map((d) => plus(matrix[c][d], c === d ? ridge : zero)));
    const moves = solve(reduced, free.map((c) => state.surplus[c].negated()));
    const stays = (c, move) => (eta[c].sign <= 0 && move.sign < 0) || (LARGEST.atMost(eta[c]) && move.sign > 0);
    const stay = new Set(free.filter((c, place) => stays(c, moves[place])));
    if (!stay.size) return eta.map((_, c) => (free.includes(c) ? moves[free.indexOf(c)] : zero));
    free = free.filter((c) => !stay.has(c));
  }
}

/** Along a direction until its derivative is at most half of what it was, or a bound is met. */
function search(problem, eta, state, way) {
  const ends = way.map((move) => (move.sign > 0 ? LARGEST : zero));
  const room = way.map((move, c) => (move.sign === 0 ? LARGEST : over(minus(ends[c], eta[c]), move)));
  const longest = room.reduce(smaller);
  const moveTo = (step) =>
    eta.map((value, c) =>
      way[c].sign !== 0 && room[c].atMost(step)
        ? ends[c]
        : smaller(larger(plus(value, times(step, way[c])), zero), LARGEST),
    );
  const start = dot(way, state.surplus).negated();
  let [low, high, step] = [zero, longest, smaller(one, longest)];
  let moved;
  let reached;
  for (let i = 0; i < SEARCHES; i += 1) {
    moved = moveTo(step);
    reached = problem.state(moved);
    const derivative = dot(way, reached.surplus);
    const flat = times(derivative.magnitude(), TWO).atMost(start);
    if (flat || (derivative.sign < 0 && step.equals(longest))) break;
    if (derivative.sign < 0) {
      low = step;
      step = high.equals(longest) ? smaller(times(TWO, step), longest) : over(plus(low, high), TWO);
    } else {
      high = step;
      step = over(plus(low, high), TWO);
    }
  }
  return { eta: moved, state: reached };
}

/**
 * Solve the rule with floors.
 *
 * @param {{weights: bigint[], bounds: bigint[], total: bigint, k: *, caps: *[], memberships: *[][], floors: *[]}} given
 * @returns Amounts with fractions, multipliers, the pot's price (null if it is not the limit), each project's team
 *   price where it is above that (else null), and the residual.
 * @throws {NoDecisionError} The optimality conditions do not come within the tolerance.
 */
export function solveFloors(given) {
  const problem = new Problem(given);
  let eta = given.floors.map(() => zero);
  let state = problem.state(eta);
  for (let iterations = 0; ; iterations += 1) {
    const open = state.surplus.filter((surplus, c) => isFree(eta[c], surplus)).map((surplus) => surplus.magnitude());
    const residual = open.length ? open.reduce(larger) : zero;
    if (residual.atMost(TOLERANCE)) return { ...state, multipliers: eta, residual, arithmetic: eighty };
    if (iterations === ITERATIONS) throw new NoDecisionError("the floors per domain cell did not settle");
    ({ eta, state } = search(problem, eta, state, direction(problem, eta, state)));
  }
}
