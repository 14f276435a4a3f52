# Rule A2: a plugin that does not ask for a later minor cannot see it, and one that does cannot hide it.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

# Newer headers alone change nothing: the same object, byte for byte. EXAMPLES have commas between them.
string(REPLACE "," ";" EXAMPLES "${EXAMPLES}")
foreach(example IN LISTS EXAMPLES)
   get_filename_component(name ${example} NAME)
   set(compile ${C_COMPILER} -std=c11)
   if(name MATCHES "\\.cpp$")
      set(compile ${CXX_COMPILER} -std=c++20)
   endif()
   foreach(headers HEADERS LATER)
      execute_process(COMMAND ${compile} -O2 -fPIC -I${${headers}} -c ${example} -o ${WORK}/${name}.${headers}.o
                      COMMAND_ERROR_IS_FATAL ANY)
   endforeach()
   execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${WORK}/${name}.HEADERS.o ${WORK}/${name}.LATER.o
                   RESULT_VARIABLE different)
   if(different)
      message(SEND_ERROR "${name} compiles to another object with the headers of 1.1 at TARGET 0")
   endif()
endforeach()

# expect(WORDS FLAG...): growth.c does not compile so, and the compiler says WORDS; or it does, if WORDS is "".
function(expect words)
   execute_process(COMMAND ${C_COMPILER} -std=c11 -fsyntax-only -DNAME="x" -DUSE_NEWER_MEMBER ${ARGN}
                           ${CMAKE_CURRENT_LIST_DIR}/growth.c
                   RESULT_VARIABLE status ERROR_VARIABLE text)
   string(FIND "${text}" "${words}" found)
   if(words STREQUAL "" AND NOT status EQUAL 0)
      message(SEND_ERROR "does not compile with ${ARGN}:\n${text}")
   elseif(NOT words STREQUAL "" AND (status EQUAL 0 OR found EQUAL -1))
      message(SEND_ERROR "compiles with ${ARGN}, or not for \"${words}\":\n${text}")
   endif()
endfunction()
expect("deadline_us" -I${LATER})
expect("deadline_us" -I${LATER} -DGIFLAB_TARGET=0)
expect("" -I${LATER} -DGIFLAB_TARGET=1)
expect("these headers are older than GIFLAB_TARGET" -I${HEADERS} -DGIFLAB_TARGET=1)
