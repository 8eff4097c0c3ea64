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
  const own = rankings.find((item) => item.group === "").weights;
  const colours = ["#5c6370", "#c44f00", "#0072b2", "#9a4a7f", "#00795a", "#b8860b", "#1c2430", "#56b4e9"];
  const colour = (c) => colours[c % colours.length];
  let weights = [...own];
  const percent = (value) => (value > 0.99 && value < 1 ? ">99\u00a0%" : `${Math.round(100 * value)}\u00a0%`);

  const scores = (unit, weights) => unit.map((row) => row.reduce((sum, value, m) => sum + value * weights[m], 0));
  const order = (values) =>
    constitutions.map((_, c) => c).sort((a, b) => values[b] - values[a] || constitutions[a].localeCompare(constitutions[b]));

  // The others in the proportions they have, or had in the file if they have none, adding up to 1.
  const others = (m) => {
    const share = (values) => {
      const sum = values.reduce((a, b, k) => a + (k === m ? 0 : b), 0);
      return sum > 0 ? values.map((value, k) => (k === m ? 0 : value / sum)) : null;
    };
    return share(weights) || share(own) || share(own.map(() => 1)) || own.map(() => 0);
  };

  // If one weight takes the share t of all and the others keep their proportions, scores are straight lines in t: who
  // is first, and until which t, follows exactly. A list of [until, who] from 0 to 1.
  const reigns = (unit, m) => {
    const rest = others(m);
    const lines = unit.map((row) => {
      const start = row.reduce((sum, value, k) => sum + value * rest[k], 0);
      return [start, row[m] - start];
    });
    const cuts = [0, 1];
    lines.forEach(([start, slope], c) => lines.slice(c + 1).forEach(([other, tilt]) => {
      const t = (start - other) / (tilt - slope);
      if (t > 0 && t < 1) cuts.push(t);
    }));
    cuts.sort((a, b) => a - b);
    const found = [];
    cuts.slice(1).forEach((end, i) => {
      if (end - cuts[i] < 1e-9) return;
      const middle = (end + cuts[i]) / 2;
      const who = order(lines.map(([start, slope]) => start + slope * middle))[0];
      if (found.length && found[found.length - 1][1] === who) found[found.length - 1][0] = end;
      else found.push([end, who]);
    });
    return found;
  };

  // The nearest changes of the first place to either side of the weight as it is.
  const nearest = (reign, now) => {
    const at = Math.max(0, reign.findIndex(([end]) => now <= end));
    const turns = [];
    if (at > 0) turns.push([reign[at - 1][0], reign[at - 1][1]]);
    if (at < reign.length - 1) turns.push([reign[at][0], reign[at + 1][1]]);
    return turns;
  };

  const show = () => {
    sliders.forEach((slider, m) => {
      slider.value = Math.round(100 * weights[m]);
      slider.previousElementSibling.value = percent(weights[m]);
    });
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
      bar.style.background = colour(c);
      score.textContent = values[c].toFixed(2);
      score.className = "num";
      track.append(bar);
      item.append(name, track, score);
      return item;
    }));
    const turns = ranking.measures.flatMap((measure, m) => {
      const reign = reigns(ranking.unit, m);
      let from = 0;
      sliders[m].nextElementSibling.replaceChildren(...reign.map(([end, who]) => {
        const part = document.createElement("span");
        part.style.width = `${(100 * (end - from)).toFixed(2)}%`;
        part.style.background = colour(who);
        part.title = `${constitutions[who]} first from ${percent(from)} to ${percent(end)}`;
        from = end;
        return part;
      }));
      return nearest(reign, weights[m]).map(([t, c]) => `${measure} at ${percent(t)}: ${constitutions[c]}`);
    });
    told.textContent = `First: ${constitutions[ranked[0]]}. ` + (turns.length
      ? `The first place changes with ${turns.join("; ")} (one weight moved, the others in proportion).`
      : "No single weight, moved alone, changes the first place.");
  };

  panel.hidden = false;
  panel.querySelector("button").addEventListener("click", () => {
    weights = [...own];
    show();
  });
  select.addEventListener("input", show);
  sliders.forEach((slider, m) => slider.addEventListener("input", () => {
    const share = Number(slider.value) / 100;
    const rest = others(m);
    weights = weights.map((_, k) => (k === m ? share : (1 - share) * rest[k]));
    show();
  }));
  show();
}
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
