#include "config/formulas.hpp"

#include <doctest/doctest.h>

using namespace giflab::config;
using giflab::problem;

namespace {

std::string formula_error(std::string_view text) {
   const auto read = parse_formulas(text, "f.toml");
   REQUIRE_FALSE(read);
   CHECK(read.error().kind == problem::usage);
   return read.error().text;
}

std::string with_terms(const std::string &terms) {
   return "[[formulas]]\nid = \"quality\"\nversion = \"1\"\nterms = [" + terms + "]\n";
}

} // namespace

TEST_CASE("a formula is read whole") {
   const auto read = parse_formulas(R"([[formulas]]
id = "quality"
version = "2"
help = "What people would say."
terms = [
   { metric = "ssim", weight = 3 },
   { metric = "psnr.p05", weight = 0.5, worst = 20, best = 50, required = true },
   { metric = "mse", weight = 1, scale = "reciprocal_logarithmic" },
]

[[formulas]]
id = "both"
version = "1"
combine = "weighted_geometric_mean"
terms = [ { metric = "quality", weight = 1 }, { metric = "ratio", weight = 1, scale = "logarithmic", best = 20 } ]
)",
                                    "f.toml");
   REQUIRE_MESSAGE(read, (read ? std::string() : read.error().text));
   REQUIRE(read->size() == 2);
   const formula &quality = read->front(), &both = read->back();
   CHECK(quality.id == "quality");
   CHECK(quality.version == "2");
   CHECK(quality.combine == combination::weighted_mean);
   CHECK(quality.where == "f.toml:1:1");
   REQUIRE(quality.terms.size() == 3);
   CHECK(quality.terms[0].weight == 3);
   CHECK(quality.terms[0].best == 1);
   CHECK_FALSE(quality.terms[0].required);
   CHECK(quality.terms[1].metric == "psnr.p05");
   CHECK(quality.terms[1].worst == 20);
   CHECK(quality.terms[1].required);
   CHECK(quality.terms[2].scale == term_scale::reciprocal_logarithmic);
   CHECK(both.combine == combination::weighted_geometric_mean);
   CHECK(both.terms[1].scale == term_scale::logarithmic);
   CHECK(both.terms[1].best == 20);
}

TEST_CASE("formulas that cannot be meant are refused with place and reason") {
   CHECK(formula_error("") == "f.toml: there is no formula; add [[formulas]]");
   CHECK(formula_error("[[formula]]\n")
             .find("f.toml:1:3: unknown key \"formula\" in the file; did you mean formulas?") == 0);
   const std::pair<const char *, const char *> wrong[] = {
       {"{ metric = \"ssim\" }", "needs a weight above 0"},
       {"{ metric = \"ssim\", weight = -1 }", "needs a weight above 0"},
       {"{ metric = \"ssim\", weight = 1e308 }", "at most 1e+100"},
       {"{ metric = \"ssim\", weight = inf }", "must be a finite number"},
       {"{ metric = \"ssim\", weight = nan }", "must be a finite number"},
       {"{ metric = \"ssim\", weight = \"1\" }", "must be a finite number"},
       {"{ weight = 1 }", "needs a metric"},
       {"{ metric = \"ssim\", weight = 1, wieght = 1 }", "did you mean weight?"},
       {"{ metric = \"ssim\", weight = 1, worst = 1, best = 1 }", "must differ"},
       {"{ metric = \"ssim\", weight = 1, scale = \"log\" }", "\"log\" is not a scale"},
       {"{ metric = \"ssim\", weight = 1, scale = \"logarithmic\", worst = 1, best = 0 }",
        "best above its worst"},
       {"{ metric = \"mse\", weight = 1, scale = \"reciprocal_logarithmic\", best = 0 }",
        "leave out worst and best"},
       {"{ metric = \"ssim\", weight = 1, required = 1 }", "must be true or false"},
       {"\"ssim\"", "a term is written"},
       {"", "needs terms"}};
   for (const auto &[terms, reason] : wrong) {
      CAPTURE(std::string(terms));
      CHECK(formula_error(with_terms(terms)).find(reason) != std::string::npos);
   }
   const std::string good = with_terms("{ metric = \"ssim\", weight = 1 }");
   CHECK(formula_error(good + good).find("another formula is called \"quality\" already") != std::string::npos);
   CHECK(formula_error("[[formulas]]\nid = \"Quality\"\n").find("needs an id of a-z") != std::string::npos);
   CHECK(formula_error("[[formulas]]\nid = \"q\"\nterms = []\n").find("needs a version") != std::string::npos);
   CHECK(formula_error("formulas = 1\n").find("must be tables") != std::string::npos);
}

TEST_CASE("the formulas that come with giflab are read") {
   const auto read = load_formulas(SOURCE_DIRECTORY "/configs/formulas/composite.toml");
   REQUIRE_MESSAGE(read, (read ? std::string() : read.error().text));
   double weights = 0;
   for (const formula_term &term : read->front().terms)
      weights += term.weight;
   CHECK(weights == doctest::Approx(1));
}
