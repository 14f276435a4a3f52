"""What tools/benchmarks reckons with: percentiles, intervals, verdicts, and the files that others write."""

import sys
import tempfile
import unittest
import xml.dom.minidom
from pathlib import Path

import compare_bench
import count_instructions
import measured
import page
import scenarios
import suite


class Figures(unittest.TestCase):
    def test_percentiles_are_values_that_were_seen(self):
        values = list(range(100, 0, -1))
        self.assertEqual([measured.percentile(values, share) for share in (0.5, 0.95, 0.99, 1)], [50, 95, 99, 100])
        self.assertEqual(measured.percentile([3, 1, 2], 0.99), 3)
        self.assertEqual(measured.median([4, 1, 3, 2]), 2.5)

    def test_an_interval_holds_the_median_and_narrows(self):
        few, many = [1.0, 1.2, 1.1, 0.9, 1.0, 1.1], [1.0, 1.2, 1.1, 0.9, 1.0, 1.1] * 10
        for values in (few, many):
            low, high = measured.interval_of_median(values)
            self.assertLessEqual(low, measured.median(values))
            self.assertGreaterEqual(high, measured.median(values))
        self.assertLess(high - low, 0.11)
        self.assertEqual(measured.interval_of_median(many), (low, high))

    def test_a_verdict_needs_an_interval_beside_one(self):
        self.assertEqual(compare_bench.verdict(0.7, 0.9), "faster")
        self.assertEqual(compare_bench.verdict(1.1, 1.2), "slower")
        self.assertEqual(compare_bench.verdict(0.9, 1.1), "no difference seen")

    def test_a_run_is_measured_with_its_children(self):
        spin = "import time\nend = time.process_time() + 0.1\nwhile time.process_time() < end: pass"
        command = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spin!r}])"]
        cost = measured.run(command)
        self.assertEqual(cost.status, 0)
        self.assertGreaterEqual(cost.cpu, 0.1)
        self.assertGreaterEqual(cost.wall, 0.1)
        self.assertGreater(cost.peak_bytes, 2**20)
        self.assertEqual(measured.run([sys.executable, "-c", "raise SystemExit(3)"]).status, 3)


class Counting(unittest.TestCase):
    CALLGRIND = """version: 1
ob=(1) /build/bin/giflab
fn=(1) main
10 100
+2 5
cob=(2) /usr/lib/libc.so.6
cfn=(2) memcpy
calls=1 0
* 5000
fn=(3) other
-1 7
ob=(2)
fn=(2)
0 5000
ob=(3) /build/lib/giflab/1/ssim.so
fn=(4) measure
3 40
"""

    def counted(self):
        with tempfile.NamedTemporaryFile("w", suffix=".callgrind") as file:
            file.write(self.CALLGRIND)
            file.flush()
            return count_instructions.counts_in(Path(file.name), Path("/build"))

    def test_only_what_modules_of_the_build_do_themselves_counts(self):
        self.assertEqual(dict(self.counted()), {"giflab": 112, "ssim": 40})

    def test_more_fails_less_is_told_and_a_hair_is_neither(self):
        before = {"giflab": 1_000_000, "ssim": 2_000_000}
        self.assertEqual(count_instructions.judge("case", before, dict(before)), ([], False))
        self.assertEqual(count_instructions.judge("case", before, {**before, "ssim": 2_050_000}), ([], False))
        lines, grew = count_instructions.judge("case", before, {**before, "ssim": 2_200_000})
        self.assertTrue(grew)
        self.assertIn("MORE: case: ssim: 2,200,000 instructions, 2,000,000 before (+10.0 %)", lines)
        lines, grew = count_instructions.judge("case", before, {**before, "ssim": 1_000_000})
        self.assertFalse(grew)
        self.assertEqual(len(lines), 1)
        self.assertTrue(count_instructions.judge("case", before, {**before, "new": 500_000})[1])

    def test_the_committed_table_is_of_the_cases_that_there_are(self):
        import json

        table = json.loads(count_instructions.TABLE.read_text(encoding="utf-8"))
        self.assertEqual(table["counts"].keys(), count_instructions.CASES.keys())
        self.assertTrue(table["compiler"])


class Files(unittest.TestCase):
    PROFILE = """giflab: warning: something
profile: 12.00 ms of wall time

stage         plugin           count      ms  of wall  CPU ms
decode                             6  345.55  100.1 %  340.10
call          org.giflab.ssim      2    0.32    0.1 %    0.30

thread  count
1       9
"""

    def test_stages_are_read_from_a_profile(self):
        self.assertEqual(suite.stages_in(self.PROFILE), {"decode": 345.55, "call org.giflab.ssim": 0.32})
        self.assertEqual(suite.stages_in("nothing"), {})

    def test_documents_are_one_or_a_line_each(self):
        self.assertEqual(suite.documents('{\n"a": 1\n}\n'), [{"a": 1}])
        self.assertEqual(suite.documents('{"a": 1}\n{"a": 2}\n'), [{"a": 1}, {"a": 2}])

    def test_plots_are_xml_and_longer_is_longer(self):
        svg = page.bars("a < b", [("x & y", [("1", 1.0), ("2", 2.0)])], "s")
        rectangles = xml.dom.minidom.parseString(svg).getElementsByTagName("rect")[1:]
        widths = [float(one.getAttribute("width")) for one in rectangles]
        self.assertAlmostEqual(widths[1], 2 * widths[0], delta=0.2)
        xml.dom.minidom.parseString(page.stacks("t", [("x", {"a": 3, "b": 1})]))

    def test_a_missing_corpus_is_skipped_in_words(self):
        scenario = scenarios.of_corpus(None, None, "corpus", "all of it")
        self.assertIn("no corpus", scenario.skipped)


if __name__ == "__main__":
    unittest.main()
