// F02, F04, F05, F06, F10: services that are not there, fail, or lend something unusual.
#include "validator/fault_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace giflab::validator {

namespace {

// One plugin under hosts that differ in their conduct alone.
class faulty_hosts {
 public:
   explicit faulty_hosts(const subject &given)
       : given_(given), guest_(*given.plugin), clip_(clip_of(given)), shown_(clip_, guest_.table) {
      expected_ = run([](host_conduct &) {});
   }

   template <class Change> evaluation run(Change &&change) {
      host_conduct conduct = conduct_of(given_);
      change(conduct);
      test_host host(guest_, conduct);
      evaluation outcome = evaluate(host, clip_, shown_);
      seen_ = host.seen();
      return outcome;
   }
   template <class Change> observations seen_in_probe(Change &&change) const {
      host_conduct conduct = conduct_of(given_);
      change(conduct);
      test_host host(guest_, conduct);
      if (guest_.table.probe)
         probed(host);
      return host.seen();
   }
   const evaluation &expected() const { return expected_; }
   const observations &seen() const { return seen_; } // in the last run
   std::string differs(const evaluation &outcome) const { return difference(guest_, expected_, outcome); }

 private:
   static test_clip clip_of(const subject &given) {
      const auto [width, height] = size_for(*given.plugin, 48, 32);
      return make_clip(width, height, 3, given.seed);
   }

   const subject &given_;
   const modules::plugin &guest_;
   const test_clip clip_;
   laid_out_clip shown_;
   evaluation expected_;
   observations seen_;
};

finding nothing_expected(const evaluation &expected) {
   return skipped("nothing to compare with: " + said_by(expected));
}

// What it asks for and does not need.
std::set<std::string> optional_services(const modules::plugin &guest, const observations &seen) {
   std::set<std::string> ids;
   for (const auto &[id, times] : seen.queries)
      if (!needs(guest, id))
         ids.insert(id);
   return ids;
}

// ---- F02

std::string without(const std::set<std::string> &ids) {
   return fmt::format("without {}", fmt::join(ids, ", "));
}

std::string withheld_judged(const faulty_hosts &hosts, const evaluation &outcome) {
   if (outcome.ok())
      return hosts.differs(outcome);
   if (outcome.entry != "create")
      return said_by(outcome) + ", which is too late";
   return outcome.text.empty() ? "create refuses without a word" : "";
}

finding withhold_all(const subject &given, const trying &tries) {
   faulty_hosts hosts(given);
   const std::set<std::string> all = optional_services(*given.plugin, hosts.seen());
   if (!hosts.expected().ok())
      return nothing_expected(hosts.expected());
   if (all.empty())
      return skipped("it asks for no service that it does not need");
   std::vector<std::set<std::string>> cases = {all};
   for (const std::string &id : all)
      cases.push_back({id});
   for (const std::set<std::string> &ids : cases) {
      tries(without(ids));
      const evaluation outcome = hosts.run([&](host_conduct &conduct) { conduct.withheld = ids; });
      if (const std::string found = withheld_judged(hosts, outcome); !found.empty())
         return failed_check(
             fmt::format("{}: {}; cope where query gives NULL, fail in create with a text, or list the "
                         "service in .needs",
                         without(ids), found));
   }
   return passed();
}

// ---- F04

finding damage_models(const subject &given, const trying &tries) {
   using fault = host_conduct::model_fault;
   faulty_hosts hosts(given);
   if (!hosts.expected().ok())
      return nothing_expected(hosts.expected());
   if (!hosts.seen().queries.contains(GIFLAB_MODELS))
      return skipped("it declares models and never asks for " GIFLAB_MODELS);
   const std::array cases = {std::tuple("with a model missing", fault::missing, GIFLAB_IO),
                             std::tuple("with a model damaged", fault::damaged, GIFLAB_IO),
                             std::tuple("cancelled while a model is read", fault::cancelled, GIFLAB_CANCELLED)};
   for (const auto &[what, kind, status] : cases) {
      tries(what);
      const evaluation outcome = hosts.run([kind = kind](host_conduct &conduct) { conduct.models = kind; });
      if (outcome.ok() ? hosts.differs(outcome).empty() : outcome.status == status)
         continue;
      return failed_check(
          fmt::format("{}: {}; return the status of models.acquire", what,
                      outcome.ok() ? "it returns GIFLAB_OK with another result: " + hosts.differs(outcome)
                                   : said_by(outcome)));
   }
   return passed();
}

// ---- F05

bool uses_paths(const modules::plugin &guest, const observations &seen) {
   return guest.table.encoder || guest.table.scope == GIFLAB_SCOPE_FILE || seen.queries.contains(GIFLAB_FILES);
}

std::vector<std::pair<const char *, std::string>> folder_names() {
   return {{"a space", "two words"},
           {"quotes", "it's \"quoted\""},
           {"a line break", "two\nlines"},
           {"UTF-8", "größe-日本語"},
           {"percent signs", "100%d%s%%n"},
           {"a leading dash", "-rf"},
           {"what a shell would run", "$(id);`id`&*?\\"},
           {"255 bytes", std::string(255, 'x')}};
}

std::string path_judged(const faulty_hosts &hosts, const evaluation &outcome) {
   if (outcome.ok())
      return hosts.differs(outcome);
   return outcome.text.empty() ? said_by(outcome) : "";
}

finding unusual_paths(const subject &given, const trying &tries) {
   faulty_hosts hosts(given);
   if (!hosts.expected().ok())
      return nothing_expected(hosts.expected());
   if (!uses_paths(*given.plugin, hosts.seen()))
      return skipped("it sees no path");
   const auto attempt = [&](const std::string &what, auto &&change) {
      tries(what);
      const std::string found = path_judged(hosts, hosts.run(change));
      return found.empty() ? found : fmt::format("{}: {}", what, found);
   };
   std::string found =
       attempt("with the disk quota spent", [](host_conduct &conduct) { conduct.quota_spent = true; });
   for (const auto &[what, name] : folder_names())
      if (found.empty())
         found = attempt(fmt::format("in a folder with {} in its name", what),
                         [name = name](host_conduct &conduct) { conduct.folder_name = name; });
   return found.empty()
              ? passed()
              : failed_check(found + "; a path is bytes without end of its own: take it whole, and say "
                                     "with call->fail where a file cannot be had");
}

// ---- F06

finding failing_programs(const subject &given, const trying &tries) {
   using fault = host_conduct::process_fault;
   faulty_hosts hosts(given);
   if (hosts.seen().processes_run == 0)
      return skipped("it runs no program");
   const std::array cases = {std::pair("its program is missing", fault::missing),
                             std::pair("its program exits with 1", fault::exits_1),
                             std::pair("its program dies of a signal", fault::dies),
                             std::pair("its program takes too long", fault::timed_out),
                             std::pair("its program prints 64 KiB and exits with 2", fault::floods)};
   for (const auto &[what, kind] : cases) {
      tries(what);
      const evaluation outcome = hosts.run([kind = kind](host_conduct &conduct) { conduct.processes = kind; });
      if (!outcome.ok() && !outcome.text.empty())
         continue;
      return failed_check(
          fmt::format("{}: {}; look at the status of processes.run, then at signal and exit_code, "
                      "and say with call->fail what happened",
                      what, outcome.ok() ? "it returns GIFLAB_OK all the same" : said_by(outcome)));
   }
   return passed();
}

// ---- F10

struct named_fault {
   const char *what;
   bool applies;
   void (*change)(host_conduct &);
};

std::vector<named_fault> faults_for(const subject &given, const observations &seen) {
   const auto asks_for = [&](const char *id) { return seen.queries.contains(id); };
   return {
       {"in an ordinary run", true, [](host_conduct &) {}},
       {"without scratch", seen.scratch_requests > 0,
        [](host_conduct &conduct) { conduct.scratch_fails_from = 1; }},
       {"when tasks fail", asks_for(GIFLAB_TASKS),
        [](host_conduct &conduct) { conduct.tasks = host_conduct::task_order::failing; }},
       {"with its models missing", !given.plugin->models.empty(),
        [](host_conduct &conduct) { conduct.models = host_conduct::model_fault::missing; }},
       {"with the disk quota spent", asks_for(GIFLAB_FILES),
        [](host_conduct &conduct) { conduct.quota_spent = true; }},
       {"when its program exits with 1", asks_for(GIFLAB_PROCESSES),
        [](host_conduct &conduct) { conduct.processes = host_conduct::process_fault::exits_1; }},
   };
}

// A plugin that dies under a fault is another check's.
std::string wordless(const subject &given, void (*change)(host_conduct &)) {
   const finding found = survived([&](const trying &) {
      faulty_hosts hosts(given);
      hosts.run(change);
      const observations in_calls = hosts.seen(), in_probe = hosts.seen_in_probe(change);
      if (const breach *said = in_calls.breach_of("F10"))
         return warned("it " + said->text);
      const breach *said = in_probe.breach_of("F10");
      return said ? warned("its probe " + said->text) : passed();
   });
   return found.verdict == verdict::warn ? found.sentence : "";
}

} // namespace

finding check_missing_services(const subject &given) {
   return survived([&given](const trying &tries) { return withhold_all(given, tries); });
}

finding check_models(const subject &given) {
   if (given.plugin->models.empty())
      return skipped("it declares no models");
   return survived([&given](const trying &tries) { return damage_models(given, tries); });
}

finding check_paths(const subject &given) {
   return survived([&given](const trying &tries) { return unusual_paths(given, tries); });
}

finding check_processes(const subject &given) {
   return survived([&given](const trying &tries) { return failing_programs(given, tries); });
}

finding check_texts(const subject &given) {
   const observations ordinary = faulty_hosts(given).seen();
   for (const named_fault &fault : faults_for(given, ordinary))
      if (fault.applies)
         if (const std::string found = wordless(given, fault.change); !found.empty())
            return warned(fmt::format("{} {}", fault.what, found));
   return passed();
}

} // namespace giflab::validator
