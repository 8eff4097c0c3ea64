"use strict";
// Runs again when a setting changes. Without it the page is a plain form with a button.
(() => {
  const form = document.getElementById("settings");
  const status = document.getElementById("status");
  const bar = document.getElementById("bar");
  const total = document.getElementById("total");
  const reader = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const headers = { "X-Daccord-Reader": reader };
  const WAIT = 350;
  let timer = 0;
  let flight = null;

  const inputs = () => [...form.querySelectorAll("input[type=number], select")];

  // A slider beside each number: for pointers; the number is there for the keyboard and for assistive software.
  for (const input of form.querySelectorAll("input[data-top]")) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = input.min;
    slider.max = input.dataset.top;
    slider.step = "any";
    slider.value = input.value;
    slider.tabIndex = -1;
    slider.setAttribute("aria-hidden", "true");
    const step = Number(input.step);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    slider.addEventListener("input", () => {
      const whole = Math.round((Number(slider.value) - Number(input.min)) / step) * step + Number(input.min);
      input.value = String(Number(Math.min(whole, Number(input.max)).toFixed(digits)));
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    input.addEventListener("input", () => {
      if (document.activeElement !== slider) slider.value = input.value;
    });
    input.after(slider);
  }

  function look() {
    let sum = 0;
    for (const input of inputs()) {
      input.closest(".field").classList.toggle("changed", input.value !== input.dataset.own);
      if (input.name.startsWith("money.")) sum += Number(input.value);
    }
    const budget = Number(total.dataset.budget);
    total.textContent = Number.isFinite(sum) ? String(Number(sum.toPrecision(6))) : "–";
    total.classList.toggle("over", sum > budget * (1 + 1e-9));
  }

  function faults(page) {
    for (const fault of form.querySelectorAll(".fault")) {
      const new_ = page.getElementById(fault.id);
      fault.textContent = new_ ? new_.textContent : "";
      const field = fault.closest(".field");
      if (!field) continue;
      const wrong = fault.textContent !== "";
      const input = field.querySelector("input[type=number], select");
      field.classList.toggle("wrong", wrong);
      if (wrong) {
        input.setAttribute("aria-invalid", "true");
        const group = field.closest("details");
        if (group) group.open = true;
      } else input.removeAttribute("aria-invalid");
    }
  }

  async function watch(mine) {
    while (flight === mine) {
      await new Promise((done) => setTimeout(done, 200));
      if (flight !== mine) return;
      try {
        const answer = await fetch(document.body.dataset.progress, { headers, signal: mine.signal });
        const { done, of } = await answer.json();
        if (flight !== mine) return;
        if (of > 0) {
          bar.max = of;
          bar.value = done;
        }
      } catch {
        return;
      }
    }
  }

  async function run() {
    if (flight) flight.abort();
    const mine = (flight = new AbortController());
    const results = document.getElementById("results");
    results.setAttribute("aria-busy", "true");
    status.textContent = "Running…";
    bar.removeAttribute("value");
    bar.hidden = false;
    watch(mine);
    const started = performance.now();
    try {
      const query = new URLSearchParams(new FormData(form));
      const answer = await fetch(`${form.getAttribute("action")}?${query}`, { headers, signal: mine.signal });
      const text = await answer.text();
      if (flight !== mine || answer.status === 409) return;
      const page = new DOMParser().parseFromString(text, "text/html");
      const new_ = page.getElementById("results");
      if (!new_) throw new Error("unreadable");
      faults(page);
      if (answer.ok) {
        const open = [...results.querySelectorAll("details")].map((one) => one.open);
        results.replaceChildren(...new_.childNodes);
        [...results.querySelectorAll("details")].forEach((one, i) => { one.open = Boolean(open[i]); });
        results.classList.remove("stale");
        for (const name of ["was", "file"]) {
          const [old, now] = [form.elements[name], page.querySelector(`#settings [name=${name}]`)];
          if (old && now) old.value = now.value;
          else if (now) form.append(now);
        }
        const presets = [form.querySelector(".presets"), page.querySelector(".presets")];
        if (presets[0] && presets[1]) presets[0].replaceWith(presets[1]);
        history.replaceState(null, "", document.getElementById("link").getAttribute("href"));
        copyable();
        status.textContent = `Done in ${((performance.now() - started) / 1000).toFixed(1)} s.`;
      } else {
        results.classList.add("stale");
        const why = new_.querySelector("p");
        status.textContent = answer.status === 400 && !why.textContent.startsWith("These")
          ? "Not run: see the marked settings. Results are from before."
          : `${why.textContent} Results are from before.`;
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      results.classList.add("stale");
      status.textContent = "No answer. Is the explorer still running? Results are from before.";
    } finally {
      if (flight === mine) {
        flight = null;
        bar.hidden = true;
        results.removeAttribute("aria-busy");
      }
    }
  }

  function copyable() {
    const link = document.getElementById("link");
    if (!link || !navigator.clipboard || !window.isSecureContext) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy the link";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(link.href);
      status.textContent = "Link copied.";
    });
    link.after(" ", button);
  }

  form.addEventListener("input", () => {
    look();
    clearTimeout(timer);
    timer = setTimeout(run, WAIT);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    run();
  });
  look();
  copyable();
})();
