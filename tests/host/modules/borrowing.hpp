#pragma once
// What tests of services lend: files, and a plugin that declares models.

#include "modules/call.hpp"
#include "modules/plugin.hpp"
#include "services/sha256.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <string>

namespace borrowing {

inline void write(const std::filesystem::path &path, const std::string &content) {
   std::ofstream(path, std::ios::binary) << content;
}

// A plugin that calls, and what it may borrow.
struct borrower {
   giflab::modules::plugin caller;
   giflab::modules::borrowed_services lent;
   std::deque<std::string> texts;

   borrower() {
      caller.table.id = "org.example.borrower";
      lent.caller = &caller;
   }

   // Declares a model whose file has this content.
   void declare(const std::string &id, const std::string &content) {
      giflab::services::sha256 hash;
      hash.add(std::as_bytes(std::span(content)));
      giflab_model_source source{};
      source.id = texts.emplace_back(id).c_str();
      source.sha256 = texts.emplace_back(hash.digest().value()).c_str();
      source.origin = texts.emplace_back("https://example.org/" + id).c_str();
      source.license = "MIT";
      source.size = content.size();
      caller.models.push_back(source);
   }
};

template <class Table> const Table &service(const giflab_call *call, const char *id) {
   const void *table = call->host->query(call->host, id);
   REQUIRE(table);
   return *static_cast<const Table *>(table);
}

} // namespace borrowing
