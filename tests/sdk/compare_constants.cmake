# Every constant of giflab.rs has the value that its header gives it, and every enumerator and service of the
# headers is in giflab.rs.
foreach(header abi frame host plugin)
   file(READ ${SDK}/include/giflab/${header}.h text)
   string(REGEX REPLACE "//[^\n]*" "" text "${text}")
   string(APPEND headers "${text}")
endforeach()
file(READ ${SDK}/rust/giflab.rs mirror)
string(REPLACE ";" "%" mirror "${mirror}") # which would end an element of a list

# Numbers: asserted by the compiler.
string(REGEX MATCHALL "pub const [A-Z0-9_]+: (u16|u32|i32|Status) = [^%]+%" numbers "${mirror}")
set(source "#include <giflab/plugin.h>\n")
foreach(number IN LISTS numbers)
   string(REGEX MATCH "const ([A-Z0-9_]+): [A-Za-z0-9]+ = ([^%]+)%" matched "${number}")
   set(name ${CMAKE_MATCH_1})
   string(REPLACE "_" "" value "${CMAKE_MATCH_2}")
   string(APPEND source "_Static_assert(GIFLAB_${name} == (${value}), \"${name} of giflab.rs\");\n")
   list(APPEND mirrored GIFLAB_${name})
endforeach()
file(WRITE ${WORK}/constants.c "${source}")
execute_process(COMMAND ${C_COMPILER} -std=c11 -fsyntax-only -I ${SDK}/include ${WORK}/constants.c
                COMMAND_ERROR_IS_FATAL ANY)

# Service ids: the same words.
string(REGEX MATCHALL "#define GIFLAB_[A-Z]+ \"giflab[^\"]+\"" services "${headers}")
foreach(service IN LISTS services)
   string(REGEX MATCH "GIFLAB_([A-Z]+) (\".+\")" matched "${service}")
   string(FIND "${mirror}" "pub const ${CMAKE_MATCH_1}: Text = text!(${CMAKE_MATCH_2})" at)
   if(at EQUAL -1)
      message(SEND_ERROR "giflab.rs lacks ${service}")
   endif()
endforeach()

# Nothing is left out.
string(REGEX MATCHALL "enum {[^}]+}" enums "${headers}")
string(REGEX MATCHALL "GIFLAB_[A-Z0-9_]+" enumerators "${enums}")
list(LENGTH enumerators count)
list(LENGTH services service_count)
if(count LESS 50 OR NOT service_count EQUAL 6)
   message(SEND_ERROR "${count} enumerators and ${service_count} services found: the headers were misread")
endif()
list(REMOVE_ITEM enumerators ${mirrored})
if(enumerators)
   message(SEND_ERROR "giflab.rs lacks ${enumerators}")
endif()
