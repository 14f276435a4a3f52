#pragma once
// Files over HTTP by libcurl, in a library of its own (services/companion.hpp): it brings some thirty others
// along, whose loading would cost every start of the program.

#include <cstddef>
#include <cstdint>
#include <string>

namespace giflab::model_files {

struct http_request {
   const char *url;
   uint64_t from; // byte of the file to begin at
   void *user;
   // Takes bytes; gives how many, where any other number than all of them is the wish to stop.
   std::size_t (*keep)(char *bytes, std::size_t one, std::size_t count, void *user) noexcept;
   // Called now and then; true is the wish to stop.
   bool (*watch)(void *user) noexcept;
};

enum class http_outcome : uint8_t {
   whole,     // all came that the server has
   dropped,   // the connection went; another may go on
   no_resume, // the server does not go on at that byte: it cannot, or there is no more of its file
   refused,   // anything else
};

struct http_answer {
   http_outcome outcome;
   std::string words; // of libcurl, unless it is whole
};

// ---- What the library exports.

// A connection, kept from file to file: null if there can be none. Of one thread at a time.
using http_open_function = void *();
constexpr const char *http_open_symbol = "giflab_http_open";
using http_close_function = void(void *connection);
constexpr const char *http_close_symbol = "giflab_http_close";

// Follows redirections to http and https only, and never from https to http. Does not end before the file does,
// but for a minute without a byte.
using http_get_function = http_answer(void *connection, const http_request &wanted);
constexpr const char *http_get_symbol = "giflab_http_get";

} // namespace giflab::model_files
