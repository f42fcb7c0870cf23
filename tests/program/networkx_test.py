#!/usr/bin/env python3
"""networkx reads every graph that Kith writes, in every format, and finds in it what `kith graph info`
tells; Kith reads what networkx writes: `networkx_test.py PROGRAM [unittest's arguments]`.

Debian's networkx belongs to /usr/bin/python3. Exits with 77 where there is none.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import networkx as nx
except ImportError:
    print("NOT CHECKED: networkx is not there; install python3-networkx")
    sys.exit(77)

PROGRAM = "kith"

# Every kind: nodes and options. Of a schedule, the first round is looked at.
KINDS = {
    "alternating_exp_ring": (12, ["--nodes_per_machine", 3]),
    "barabasi_albert": (40, ["--m", 3]),
    "base_k": (25, ["--k", 2]),
    "binary_tree": (23, []),
    "chain": (17, []),
    "complete": (9, []),
    "complete_bipartite": (15, ["--left", 6]),
    "epidemic": (20, ["--degree", 3]),
    "equidyn": (18, ["--directed", "true"]),
    "equistatic": (19, ["--degree", 4, "--directed", "true"]),
    "erdos_renyi": (40, ["--p", 0.15]),
    "exponential": (21, []),
    "file": (7, []),  # written by the test
    "fully_connected": (11, []),
    "geometric": (40, ["--radius", 0.35]),
    "grid": (24, ["--rows", 4]),
    "hyper_hypercube": (36, ["--k", 3]),
    "hypercube": (32, []),
    "matcha": (16, ["--of", "torus", "--budget", 0.5]),
    "one_peer_exponential": (13, []),
    "one_peer_hypercube": (16, []),
    "one_peer_ring": (14, []),
    "random_matching": (11, []),
    "random_regular": (30, ["--degree", 4]),
    "regular": (30, ["--degree", 3]),
    "ring": (15, []),
    "shift_one": (12, []),
    "small_world": (36, ["--k", 4, "--beta", 0.2]),
    "social": (32, []),
    "star": (14, []),
    "torus": (24, ["--rows", 4]),
}
NEVER_REPEAT = {"epidemic", "equidyn", "matcha", "random_matching", "random_regular"}


# --- reading ---------------------------------------------------------------------------------------

def read_edges(file):
    """decentralizepy's: the number of nodes, then `x y`. Of ours, a comment says where that is one
    way."""
    count, *lines = file.read_text().splitlines()
    directed = lines[:1] == ["# directed: x sends to y"]
    kind = nx.DiGraph if directed else nx.Graph
    graph = nx.parse_edgelist(lines, nodetype=int, create_using=kind)
    graph.add_nodes_from(range(int(count)))
    return graph


def read_adjacency(file):
    """decentralizepy's: the number of nodes, then to whom each sends. networkx has the node first."""
    count, *lines = file.read_text().splitlines()
    assert len(lines) == int(count)
    named = [f"{node} {line}" for node, line in enumerate(lines)]
    return nx.parse_adjlist(named, nodetype=int, create_using=nx.DiGraph)


def read_json(file):
    document = json.loads(file.read_text())
    graph = nx.DiGraph()
    graph.add_nodes_from(range(document["nodes"]))
    graph.add_edges_from((j, i) for i, j, w in document["rounds"][0] if i != j and w != 0)
    return graph


def read_dot(file):
    """By pydot, where it is there; else by the few forms that Kith writes."""
    try:
        read = nx.drawing.nx_pydot.read_dot(file)
        return nx.relabel_nodes(read, int)
    except ImportError:
        pass
    head, *lines, end = file.read_text().splitlines()
    assert head in ("graph {", "digraph {") and end == "}", (head, end)
    graph = nx.DiGraph() if head == "digraph {" else nx.Graph()
    for line in lines:
        found = re.fullmatch(r"  (\d+)(?: (--|->) (\d+))?;", line)
        assert found, line
        if found[2]:
            assert found[2] == ("->" if graph.is_directed() else "--"), line
            graph.add_edge(int(found[1]), int(found[3]))
        else:
            graph.add_node(int(found[1]))
    return graph


READERS = {
    ".edges": read_edges,
    ".adj": read_adjacency,
    ".graphml": lambda file: nx.read_graphml(file, node_type=int),
    ".gml": lambda file: nx.read_gml(file, label="id"),
    ".dot": read_dot,
    ".json": read_json,
}


def both_ways(graph):
    """Undirected, if every edge goes both ways."""
    if not graph.is_directed() or any(not graph.has_edge(b, a) for a, b in graph.edges):
        return graph
    return graph.to_undirected()


def edges_of(graph):
    return set(graph.edges if graph.is_directed() else map(frozenset, graph.edges))


def facts(graph):
    """What networkx knows, in the words of `kith graph info`."""
    degrees = [d for _, d in (graph.in_degree if graph.is_directed() else graph.degree)]
    parts = (nx.number_strongly_connected_components if graph.is_directed() else
             nx.number_connected_components)(graph)
    return {
        "nodes": len(graph),
        "edges": graph.number_of_edges(),
        "directed": graph.is_directed(),
        "degree_min": min(degrees),
        "degree_max": max(degrees),
        "degree_mean": sum(degrees) / len(graph),
        "degree_histogram": {str(d): n for d, n in collections.Counter(degrees).items()},
        "components": parts,
        "connected": parts == 1,
        "diameter": nx.diameter(graph) if parts == 1 else None,
        "clustering": None if graph.is_directed() else nx.average_clustering(graph),
    }


class NetworkxTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kith-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def kith(self, *words):
        done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True,
                              timeout=120, cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout

    def make(self, kind, extension, seed=1, nodes=None, options=None):
        file = self.folder / ("g" + extension)
        nodes, options = nodes or KINDS[kind][0], KINDS[kind][1] if options is None else options
        if kind == "file":
            own = self.folder / "own.adj"
            own.write_text("7\n1 2\n2\n3\n\n0\n4\n5 0\n")
            options = ["--path", own, "--weights", "neighborhood_mean"]
        if extension != ".json" or kind in NEVER_REPEAT:  # JSON holds a whole period
            options = [*options, "--rounds", 1]
        self.kith("graph", kind, "--nodes", nodes, *options, "--seed", seed, "--out", file)
        return file

    def assert_same_facts(self, told, found, what):
        for word, value in found.items():
            if isinstance(value, float):
                self.assertAlmostEqual(told[word], value, delta=1e-12, msg=(what, word))
            else:
                self.assertEqual(told[word], value, (what, word))


class KithWrites(NetworkxTest):
    def test_every_kind_is_tried(self):
        sections = json.loads(self.kith("list", "graph", "--json"))
        self.assertEqual({c["name"] for c in sections[0]["components"]}, set(KINDS))

    def test_networkx_finds_in_every_file_what_kith_tells(self):
        for kind in KINDS:
            first = None
            for extension, read in READERS.items():
                file = self.make(kind, extension)
                graph = both_ways(read(file))
                what = kind + extension
                self.assertEqual(sorted(graph.nodes), list(range(KINDS[kind][0])), what)
                first = first or edges_of(graph)
                self.assertEqual(edges_of(graph), first, what)
                if extension != ".dot":  # which Kith does not read
                    told = json.loads(self.kith("graph", "info", file, "--json"))
                    self.assert_same_facts(told, facts(graph), what)

    def test_large_graphs_have_the_same_facts(self):
        for kind, nodes, options in (("small_world", 1500, ["--k", 6, "--beta", 0.1]),
                                     ("barabasi_albert", 1200, ["--m", 2]),
                                     ("regular", 1000, ["--degree", 3]),
                                     ("geometric", 900, ["--radius", 0.08])):
            file = self.make(kind, ".edges", nodes=nodes, options=options)
            told = json.loads(self.kith("graph", "info", file, "--json"))
            self.assert_same_facts(told, facts(read_edges(file)), kind)

    def test_families_are_those_that_networkx_makes(self):
        whole = nx.convert_node_labels_to_integers
        own = {
            "ring": nx.cycle_graph(15), "chain": nx.path_graph(17), "star": nx.star_graph(13),
            "complete": nx.complete_graph(9), "complete_bipartite": nx.complete_bipartite_graph(6, 9),
            "torus": whole(nx.grid_2d_graph(4, 6, periodic=True)),
            "grid": whole(nx.grid_2d_graph(4, 6)), "binary_tree": nx.full_rary_tree(2, 23),
            "exponential": nx.DiGraph(((i + 2 ** j) % 21, i) for i in range(21) for j in range(5)),
        }
        for kind, graph in own.items():
            found = both_ways(read_json(self.make(kind, ".json")))
            self.assertEqual(edges_of(found), edges_of(graph), kind)
        for kind, graph in (("hypercube", nx.hypercube_graph(5)),
                            ("social", nx.davis_southern_women_graph())):
            found = both_ways(read_json(self.make(kind, ".json")))
            self.assertTrue(nx.is_isomorphic(found, graph), kind)


class NetworkxWrites(NetworkxTest):
    def graphs(self):
        directed = nx.gn_graph(30, seed=1)
        women = nx.davis_southern_women_graph()
        women.graph.clear()  # lists, which networkx cannot write as GraphML
        shuffled = nx.Graph()
        shuffled.add_nodes_from([3, 0, 2, 1])
        shuffled.add_edges_from([(0, 3), (3, 1)])
        odd = nx.Graph([('a "b"', "c & d"), ("c & d", "ü <e>"), ("line\nbreak", "ü <e>")])
        return {
            "karate": nx.karate_club_graph(), "women": women,
            "miserables": nx.les_miserables_graph(), "tree": directed,
            "cycle": nx.cycle_graph(5, nx.DiGraph), "shuffled": shuffled, "odd": odd,
            "alone": nx.empty_graph(1), "apart": nx.disjoint_union(nx.path_graph(3), nx.star_graph(4)),
        }

    def test_kith_finds_in_networkx_files_what_networkx_knows(self):
        for name, graph in self.graphs().items():
            for extension, write in ((".graphml", nx.write_graphml_xml), (".gml", nx.write_gml)):
                file = self.folder / (name + extension)
                write(graph, file)
                told = json.loads(self.kith("graph", "info", file, "--json"))
                self.assert_same_facts(told, facts(graph), file.name)

    def test_nodes_keep_their_numbers(self):
        shuffled = self.graphs()["shuffled"]
        for extension, write in ((".graphml", nx.write_graphml_xml), (".gml", nx.write_gml)):
            file = self.folder / ("s" + extension)
            write(shuffled, file)
            copy = self.folder / "s.edges"
            self.kith("graph", "file", "--path", file, "--nodes", 4, "--out", copy)
            self.assertEqual(copy.read_text(), "4\n0 3\n1 3\n")

    def test_decentralizepys_generator_writes_what_kith_reads(self):
        """Its Regular and SmallWorld come from networkx and the like; its writer goes through the sets
        of neighbors of all nodes in turn."""
        graph = nx.random_regular_graph(4, 96, seed=90)
        lines = [f"{node} {neighbor}" for node in range(96) for neighbor in set(graph[node])]
        file = self.folder / "96_regular.edges"
        file.write_text("\n".join(["96", *lines]) + "\n")
        self.assertEqual(len(lines), 2 * graph.number_of_edges())
        self.assert_same_facts(json.loads(self.kith("graph", "info", file, "--json")), facts(graph),
                               "edges")
        file = self.folder / "graph.adj"
        file.write_text("\n".join(["96", *(" ".join(map(str, graph[n])) for n in range(96))]) + "\n")
        self.assert_same_facts(json.loads(self.kith("graph", "info", file, "--json")), facts(graph),
                               "adjacency")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: networkx_test.py PROGRAM [unittest's arguments]")
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(warnings="ignore")
