#include "workers/wire.hpp"

#include <mutex>

namespace giflab::workers {

namespace {

std::mutex kept_mutex;

} // namespace

const char *reader::keep(std::string text) {
   static auto *kept = new std::deque<std::string>; // never emptied: tables point into it
   const std::lock_guard guard(kept_mutex);
   return kept->emplace_back(std::move(text)).c_str();
}

void reader::get(const char *const *&list) {
   static auto *kept = new std::deque<std::vector<const char *>>;
   list = nullptr;
   if (!one<bool>())
      return;
   std::vector<const char *> texts;
   do
      texts.push_back(one<const char *>());
   while (texts.back());
   const std::lock_guard guard(kept_mutex);
   list = kept->emplace_back(std::move(texts)).data();
}

} // namespace giflab::workers
