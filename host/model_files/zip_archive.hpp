#pragma once
// Zip archives as torch.save makes them: every entry stored as it is, so that it can be used where it lies.

#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace giflab::model_files {

class zip_archive {
 public:
   // Reads the directory. What is no archive, or has an entry that is compressed, encrypted, beyond 4 GiB or
   // out of bounds, throws refusal. `file` outlives this.
   explicit zip_archive(std::span<const std::byte> file);

   // The bytes of an entry, once its checksum was found right. Throws refusal.
   std::span<const std::byte> entry(const std::string &name) const;
   bool has(const std::string &name) const { return entries_.contains(name); }

   // The name of the one entry that ends so. Throws refusal where there is none, or more than one.
   std::string only_one_ending(std::string_view ending) const;

 private:
   struct place {
      std::span<const std::byte> bytes;
      uint32_t checksum;
   };
   void read_entry(class byte_reader &directory);

   std::span<const std::byte> file_;
   std::map<std::string, place> entries_;
};

} // namespace giflab::model_files
