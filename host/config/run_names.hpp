#pragma once
// Names in the folder of a run over pipelines, for all who have to know one when they see it.

#include <string>

namespace giflab::config {

constexpr const char *made_name = "files"; // the folder with what pipelines made

// The file that tells what is done so far.
inline std::string journal_in(const std::string &run) { return run + "/journal.sqlite"; }

} // namespace giflab::config
