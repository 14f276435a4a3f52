#pragma once
// Which plugins there are, and which files are none and why.

#include "error.hpp"
#include "modules/plugin.hpp"

#include <optional>
#include <string>
#include <vector>

namespace giflab::modules {

struct rejection {
   std::string path;
   std::string plugin; // empty if the whole file was rejected
   std::string reason;
};

// Everything found in a list of folders.
class catalogue {
 public:
   // Loads every *.so of each folder (not recursive, sorted by name), in order. The first plugin with an id
   // wins. A folder that is not there is passed over, unless it is one of the first `required`.
   static result<catalogue> discover(const std::vector<std::string> &folders, std::size_t required = 0);

   const std::vector<std::unique_ptr<plugin>> &plugins() const { return plugins_; }
   const std::vector<rejection> &rejected() const { return rejected_; }
   const std::vector<std::string> &folders() const { return folders_; }

   // Null if there is none.
   const plugin *find(std::string_view id) const;

 private:
   void load(const std::string &path);
   void add(const giflab_plugin *given, const module &home);

   std::vector<std::string> folders_;
   std::vector<std::unique_ptr<plugin>> plugins_;
   std::vector<rejection> rejected_;
};

// Where plugins are looked for: `given` (the --plugin options and GIFLAB_PLUGIN_PATH), then
// ~/.local/lib/giflab/1, then lib/giflab/1 beside the folder of the running program.
std::vector<std::string> search_path(const std::vector<std::string> &given);

} // namespace giflab::modules
