// The panel of weights: scores are weights times measures on 0 (worst of the constitutions) to 1 (best). Without this
// script the panel stays hidden and the tables beside it say the same for the file's own weights.
const holder = document.getElementById("weights-data");
const panel = document.getElementById("weights-panel");
if (holder && panel) {
  const { constitutions, rankings } = JSON.parse(holder.textContent);
  const select = panel.querySelector("select");
  const sliders = [...panel.querySelectorAll("input[type=range]")];
  const list = panel.querySelector("ol");
  const told = panel.querySelector("[role=status]");
  const own = sliders.map((slider) => slider.value);
  const percent = (value) => `${Math.round(100 * value)} %`;

  const scores = (unit, weights) => unit.map((row) => row.reduce((sum, value, m) => sum + value * weights[m], 0));
  const order = (values) =>
    constitutions.map((_, c) => c).sort((a, b) => values[b] - values[a] || constitutions[a].localeCompare(constitutions[b]));

  // Where the first place changes if one weight takes the share t of all and the others keep their proportions: scores
  // are straight lines in t, so the nearest crossing with the leader to either side is exact.
  const nearest = (unit, weights, m) => {
    const rest = 1 - weights[m];
    if (rest <= 0) return [];
    const lines = unit.map((row) => {
      const start = row.reduce((sum, value, k) => sum + (k === m ? 0 : (value * weights[k]) / rest), 0);
      return [start, row[m] - start];
    });
    const now = weights[m];
    const first = order(scores(unit, weights))[0];
    let below = null;
    let above = null;
    lines.forEach(([start, slope], c) => {
      const gap = slope - lines[first][1];
      if (c === first || gap === 0) return;
      const t = (lines[first][0] - start) / gap;
      if (t > now && t < 1 && gap > 0 && (!above || t < above[0])) above = [t, c];
      if (t < now && t > 0 && gap < 0 && (!below || t > below[0])) below = [t, c];
    });
    return [below, above].filter(Boolean);
  };

  const show = () => {
    const raw = sliders.map((slider) => Number(slider.value));
    const sum = raw.reduce((a, b) => a + b, 0);
    const weights = raw.map((value) => (sum ? value / sum : 1 / raw.length));
    sliders.forEach((slider, m) => { slider.previousElementSibling.value = percent(weights[m]); });
    const ranking = rankings[select.selectedIndex];
    const values = scores(ranking.unit, weights);
    const ranked = order(values);
    list.replaceChildren(...ranked.map((c) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      const track = document.createElement("span");
      const bar = document.createElement("span");
      const score = document.createElement("span");
      name.textContent = constitutions[c];
      bar.className = "bar";
      bar.style.display = "block";
      bar.style.width = `${(100 * values[c]).toFixed(1)}%`;
      score.textContent = values[c].toFixed(2);
      score.className = "num";
      track.append(bar);
      item.append(name, track, score);
      return item;
    }));
    const turns = ranking.measures.flatMap((measure, m) =>
      nearest(ranking.unit, weights, m).map(([t, c]) => `${measure} at ${percent(t)}: ${constitutions[c]}`));
    told.textContent = `First: ${constitutions[ranked[0]]}. ` + (turns.length
      ? `The first place changes with ${turns.join("; ")} (one weight moved, the others in proportion).`
      : "No single weight, moved alone, changes the first place.");
  };

  panel.hidden = false;
  panel.querySelector("button").addEventListener("click", () => {
    sliders.forEach((slider, m) => { slider.value = own[m]; });
    show();
  });
  [select, ...sliders].forEach((input) => input.addEventListener("input", show));
  show();
}
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
