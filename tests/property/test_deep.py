"""`deep`: the sparse way is the dense one in fractions; books close; order, equals and weights behave."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.property.deep_cases import graphs, in_fractions, tasks

from daccord.allocation.deep import DEEP, credit_graph, largest_paths, settle
from daccord.allocation.deep._base import base_seeds
from daccord.allocation.deep._draws import draw_deep
from daccord.allocation.deep._flow import reached
from daccord.allocation.deep._graph import components
from daccord.allocation.deep._settle import UNIT


@given(graphs(), st.lists(st.integers(0, 10**6), min_size=6, max_size=6))
def test_credit_is_that_of_the_whole_system_in_fractions(case, start):
    names, edges = case
    graph = credit_graph(names, edges)
    found = reached(graph, start[: len(graph)])
    for one, other in zip(found, in_fractions(graph, start[: len(graph)]), strict=True):
        assert abs(Fraction(one) - other) <= other / 10**70


@given(tasks(limits=False))
def test_awards_are_those_of_fractions(task):
    seeds, _ = base_seeds(task)
    graph = credit_graph(task.ids, task.inputs.dependencies)
    credit = in_fractions(graph, [seeds[task.index[one]] for one in graph.ids])
    kept = [credit[graph.ids.index(one)] * graph.own[graph.ids.index(one)] for one in task.ids]
    stopped = sum(seeds) - sum(kept)
    amounts = [int(value) for value in kept]
    left = sum(seeds) - -(-stopped.numerator // stopped.denominator) - sum(amounts)
    order = sorted(range(len(kept)), key=lambda i: (int(kept[i]) - kept[i], task.ties[i]))
    for i in order[:left]:
        amounts[i] += 1
    assert list(settle(task, seeds).amounts) == amounts


@given(tasks())
def test_books_close_and_limits_hold(task):
    assert DEEP.lacks(task) == "" or not task.inputs.dependencies
    seeds, _ = base_seeds(task)
    found = settle(task, seeds)
    assert sum(seeds) == task.budget.amount
    assert sum(found.amounts) + found.cut - (-found.stopped // UNIT) == task.budget.amount
    for i, amount in enumerate(found.amounts):
        assert 0 <= amount <= task.bounds[i]
        assert amount == 0 or amount >= task.rules.minimum
        if not found.limited_by[i]:
            assert abs(amount - Fraction(found.kept[i], UNIT)) < 1
    for cap in task.team_caps:
        assert sum(found.amounts[i] for i in cap.members) <= cap.amount
    assert tuple(DEEP.solve(task).amounts) == found.amounts


@given(tasks(), st.randoms(use_true_random=False))
def test_order_of_files_does_not_matter(task, random):
    order = random.sample(range(len(task)), len(task))
    edges, gifts = list(task.inputs.dependencies), list(task.inputs.contributions)
    random.shuffle(edges)
    random.shuffle(gifts)
    other = replace(
        task,
        projects=tuple(task.projects[i] for i in order),
        scores=tuple(task.scores[i] for i in order),
        inputs=replace(task.inputs, dependencies=tuple(edges), contributions=tuple(gifts)),
    )
    amounts = dict(zip(task.ids, DEEP.solve(task).amounts, strict=True))
    assert dict(zip(other.ids, DEEP.solve(other).amounts, strict=True)) == amounts


@given(tasks(limits=False), st.data())
def test_two_dependencies_with_the_same_weights_get_the_same(task, data):
    if not any(edge.project != edge.on and edge.on in task.index for edge in task.inputs.dependencies):
        return
    child = data.draw(st.sampled_from(sorted(e.on for e in task.inputs.dependencies if e.on in task.index)))
    gifts = tuple(gift for gift in task.inputs.contributions if gift.project != child)
    if not gifts:
        return
    edges = []
    for edge in task.inputs.dependencies:
        if edge.on == child and edge.project != child:
            edges += [replace(edge, weight=edge.weight / 2), replace(edge, on="twin", weight=edge.weight / 2)]
        else:
            edges.append(edge)
            if edge.project == child:
                edges.append(replace(edge, project="twin", on="twin" if edge.on == child else edge.on))
    both = replace(
        task,
        projects=(*task.projects, replace(task.projects[0], id="twin")),
        scores=(*task.scores, task.scores[0]),
        inputs=replace(task.inputs, dependencies=tuple(edges), contributions=gifts),
    )
    seeds, _ = base_seeds(both)
    found = settle(both, seeds)
    assert found.kept[-1] == found.kept[task.index[child]]


@given(tasks(limits=False, circles=False), st.data())
def test_more_weight_on_an_edge_never_lowers_what_comes_to_the_child(task, data):
    rows = defaultdict(list)
    for edge in task.inputs.dependencies:
        rows[edge.project].append(edge)
    able = sorted(name for name, row in rows.items() if name in task.index and len(row) > 1)
    if not able:
        return
    parent = data.draw(st.sampled_from(able))
    raised = data.draw(st.sampled_from(rows[parent]))
    if raised.on == parent or raised.on not in task.index:
        return
    # The others of the row give way in proportion, so that it sums to 1.
    weight = raised.weight + (1 - raised.weight) * data.draw(st.fractions(0, Fraction(9, 10)))
    scale = (1 - weight) / (1 - raised.weight)
    edges = tuple(
        edge
        if edge.project != parent
        else replace(edge, weight=weight if edge.on == raised.on else edge.weight * scale)
        for edge in task.inputs.dependencies
    )
    better = replace(task, inputs=replace(task.inputs, dependencies=edges))
    seeds, _ = base_seeds(task)
    i = task.index[raised.on]
    before, after = settle(task, seeds), settle(better, seeds)
    assert after.reached[i] >= before.reached[i]
    assert after.kept[i] >= before.kept[i]


@given(graphs(outside=False), st.lists(st.integers(0, 100), min_size=6, max_size=6))
def test_paths_come_largest_first_and_sum_to_what_is_kept(case, start):
    names, edges = case
    graph = credit_graph(names, edges)
    credit = in_fractions(graph, start[: len(graph)])
    for i, name in enumerate(graph.ids):
        paths = largest_paths(graph, start[: len(graph)], name, 30)
        credits_ = [path.credit for path in paths]
        assert credits_ == sorted(credits_, reverse=True)
        kept = credit[i] * graph.own[i]
        assert sum(credits_) <= kept
        if len(paths) < 30:
            assert sum(credits_) == kept
        assert len({path.nodes for path in paths}) == len(paths)
        for path in paths:
            product = path.start
            for share in path.shares:
                product *= share
            assert product == path.credit


@given(graphs())
def test_components_are_in_the_order_of_payment(case):
    names, edges = case
    graph = credit_graph(names, edges)
    found = components(graph)
    place = {i: c for c, members in enumerate(found) for i in members}
    assert sorted(place) == list(range(len(graph)))
    for i, to in enumerate(graph.to):
        assert all(place[i] <= place[j] for j, _ in to)


@given(tasks())
def test_draws_are_the_rule_in_floating_point(task):
    if not task.inputs.dependencies:
        return
    found = draw_deep(task, np.zeros((2, len(task))))
    exact = np.array(DEEP.solve(task).amounts, dtype=np.float64)
    steps = max(2.0, 1e-9 * task.budget.amount)
    on_edge = task.rules.minimum and np.any(np.abs(found - task.rules.minimum) <= steps)
    if not on_edge:
        assert np.all(np.abs(found - exact) <= steps)
