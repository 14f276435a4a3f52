#pragma once
// Runs the program under test as a shell would, without one: arguments are bytes, and nothing of the caller's
// own settings reaches it.

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace end_to_end {

struct invocation {
   std::vector<std::string> arguments;
   std::map<std::string, std::string> variables = {}; // added to the environment
   std::filesystem::path folder = {};                 // where it runs; empty: the scratch folder
   bool interrupt = false; // by `signal`, once it listens and has had time to get to work
   int signal = SIGINT;
   int kill_after_ms = -1; // SIGKILL after that time, if it still runs
   int seconds = 300;      // then it counts as hung
};

struct outcome {
   int code = -1;      // exit code; 128 and the signal's number if a signal ended it
   bool hung = false;  // it was ended by force after the time limit
   double seconds = 0; // until its end; from the signal on, if it was interrupted
   std::string out, err;
};

outcome giflab(const invocation &asked);
outcome giflab(const std::vector<std::string> &arguments);

// Any other program.
outcome run_program(const std::string &program, const invocation &asked);

// One after another on as many threads as there are cores; outcomes in the order of the invocations.
std::vector<outcome> giflab_each(const std::vector<invocation> &asked);

// What a sanitizer said on standard error, or nothing.
std::string sanitizer_report(const outcome &ended);

// Checks that it ended with that code and one sentence on standard error that has the given words in it, wrote
// nothing on standard output and pleased the sanitizers.
void check_refusal(const outcome &ended, int code, const std::string &words);

// A fresh folder with that name in the scratch folder, which goes away when the tests end.
std::filesystem::path fresh_folder(const std::string &name);

// Names of what is in a folder, hidden files too, sorted.
std::vector<std::string> names_in(const std::filesystem::path &folder);

std::string contents(const std::filesystem::path &file);
void write_file(const std::filesystem::path &file, const std::string &bytes);

inline bool has(const std::string &text, const std::string &part) {
   return text.find(part) != std::string::npos;
}

} // namespace end_to_end
