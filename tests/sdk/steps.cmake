# What the build scripts share.

# Runs a program; its output becomes ${output}. A failure shows all it said.
function(run)
   execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
   if(NOT status EQUAL 0)
      string(JOIN " " command ${ARGN})
      message(FATAL_ERROR "${command}\n${output}")
   endif()
   set(output "${output}" PARENT_SCOPE)
endfunction()

# A plugin as `giflab new-plugin` makes it, at ${folder}/${name}. Files that did not change keep their age, so that
# only what changed is built again.
function(new_plugin folder name language kind)
   file(REMOVE_RECURSE ${folder}/fresh/${name})
   file(MAKE_DIRECTORY ${folder}/fresh)
   run(${GIFLAB} new-plugin ${name} --kind ${kind} --language ${language} --into ${folder}/fresh)
   file(GLOB_RECURSE made RELATIVE ${folder}/fresh/${name} ${folder}/fresh/${name}/*)
   file(GLOB_RECURSE before RELATIVE ${folder}/${name} ${folder}/${name}/*)
   list(REMOVE_ITEM before ${made} Cargo.lock)
   foreach(file IN LISTS before)
      file(REMOVE ${folder}/${name}/${file})
   endforeach()
   foreach(file IN LISTS made)
      cmake_path(GET file PARENT_PATH place)
      file(MAKE_DIRECTORY ${folder}/${name}/${place})
      file(COPY_FILE ${folder}/fresh/${name}/${file} ${folder}/${name}/${file} ONLY_IF_DIFFERENT)
   endforeach()
endfunction()
