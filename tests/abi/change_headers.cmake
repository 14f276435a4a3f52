# changed_headers(FROM TO): a copy of the headers to change; change(HEADER OLD NEW) changes it, and stops where OLD
# is not there, so that no test goes on with headers that it believes changed.
macro(changed_headers from to)
   set(changed_folder ${to})
   file(REMOVE_RECURSE ${to}/giflab)
   file(COPY ${from}/giflab DESTINATION ${to})
endmacro()

function(change header old new)
   set(path ${changed_folder}/giflab/${header}.h)
   file(READ ${path} text)
   string(FIND "${text}" "${old}" found)
   if(found EQUAL -1)
      message(FATAL_ERROR "${header}.h has no \"${old}\" to change: bring ${CMAKE_SCRIPT_MODE_FILE} up to date")
   endif()
   string(REPLACE "${old}" "${new}" text "${text}")
   file(WRITE ${path} "${text}")
endfunction()
