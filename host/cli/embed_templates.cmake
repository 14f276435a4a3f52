# Writes the files below sdk/templates, and sdk/rust/giflab.rs, as a C++ source: giflab new-plugin needs no other
# file than the program. cmake -DSDK=... -DOUTPUT=... -P embed_templates.cmake
function(append path file)
   file(READ ${SDK}/${file} text)
   # Adjacent literals, because compilers need not take one longer than 64 KiB.
   string(LENGTH "${text}" length)
   set(literals "")
   foreach(start RANGE 0 ${length} 30000)
      string(SUBSTRING "${text}" ${start} 30000 part)
      string(APPEND literals "R\"giflab_(${part})giflab_\"")
   endforeach()
   set(source "${source}   {\"${path}\", ${literals}},\n" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE files RELATIVE ${SDK} ${SDK}/templates/*)
list(SORT files)
set(source "#include \"cli/plugin_templates.hpp\"

namespace giflab::cli {

std::span<const plugin_template> plugin_templates() {
   static constexpr plugin_template files[] = {
")
foreach(file IN LISTS files)
   string(REGEX REPLACE "^templates/" "" path ${file})
   append(${path} ${file})
endforeach()
append(rust/any/src/giflab.rs rust/giflab.rs)
file(WRITE ${OUTPUT} "${source}   };\n   return files;\n}\n\n} // namespace giflab::cli\n")
