// Any bytes as an author's table of scores. What is read is written and read again, and must be the same.

#include "validator/expected_scores.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size) {
   using namespace giflab::validator;
   const auto read = parse_expected_scores({reinterpret_cast<const char *>(data), size}, "table");
   if (!read)
      return 0;
   const std::string text = expected_scores_text(*read);
   const auto again = parse_expected_scores(text, "table");
   if (!again || expected_scores_text(*again) != text)
      std::abort();
   return 0;
}
