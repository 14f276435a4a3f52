# Rule A7: the ABI as plugins of 1.0 know it, and how it may grow (rules A2 to A6).
set(headers ${PROJECT_SOURCE_DIR}/sdk/include)
set(later ${CMAKE_CURRENT_BINARY_DIR}/later/include)
set(fixtures ${CMAKE_CURRENT_SOURCE_DIR}/v1.0)
find_program(GIFLAB_ABIDIFF abidiff)
if(NOT GIFLAB_ABIDIFF)
   set(GIFLAB_ABIDIFF "")
endif()

# giflab_add_abi_test(NAME SCRIPT VARIABLE=VALUE...): a test that is a CMake script of this folder.
function(giflab_add_abi_test name script)
   list(TRANSFORM ARGN PREPEND -D)
   add_test(NAME ${name}
            COMMAND ${CMAKE_COMMAND} ${ARGN} -DSOURCE=${PROJECT_SOURCE_DIR} -DWORK=${CMAKE_CURRENT_BINARY_DIR}/${name}
                    -DC_COMPILER=${CMAKE_C_COMPILER} -DCXX_COMPILER=${CMAKE_CXX_COMPILER} -DABIDIFF=${GIFLAB_ABIDIFF}
                    -DDESCRIPTION=${fixtures}/sdk.abi -P ${CMAKE_CURRENT_SOURCE_DIR}/${script}.cmake)
   set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped: ")
endfunction()

# The headers of an ABI 1.1 that might be.
set(names abi.h frame.h host.h plugin.h plugin.hpp)
list(TRANSFORM names PREPEND ${headers}/giflab/ OUTPUT_VARIABLE present_headers)
list(TRANSFORM names PREPEND ${later}/giflab/ OUTPUT_VARIABLE later_headers)
add_custom_command(OUTPUT ${later_headers}
                   COMMAND ${CMAKE_COMMAND} -DHEADERS=${headers} -DLATER=${later}
                           -P ${CMAKE_CURRENT_SOURCE_DIR}/later_headers.cmake
                   DEPENDS later_headers.cmake change_headers.cmake ${present_headers}
                   VERBATIM)
add_custom_target(later_headers DEPENDS ${later_headers})

# What plugins of 1.0 see is what the description says, through the headers of today and through later ones.
giflab_add_abi_test(abi_every_type check_every_type HEADERS=${headers})
giflab_add_abi_test(abi_description check_description HEADERS=${headers} EXPECTED=same)
giflab_add_abi_test(abi_description_later check_description HEADERS=${later} EXPECTED=same)
giflab_add_abi_test(abi_description_objects check_objections HEADERS=${headers})
set(examples psnr.c local_contrast/local_contrast.cpp added_flicker/added_flicker.cpp frame_rate/frame_rate.cpp)
list(TRANSFORM examples PREPEND ${PROJECT_SOURCE_DIR}/sdk/examples/)
list(JOIN examples "," examples)
giflab_add_abi_test(abi_target check_target HEADERS=${headers} LATER=${later} EXAMPLES=${examples})

# Modules against the later headers: grown/ as a host of 1.1 takes them, unknown/ with what no host here has.
function(giflab_add_later_module folder name)
   giflab_add_plugin(abi_${name} growth.c)
   add_dependencies(abi_${name} later_headers)
   target_include_directories(abi_${name} PRIVATE ${later})
   target_compile_definitions(abi_${name} PRIVATE NAME="${name}" ${ARGN})
   target_compile_options(abi_${name} PRIVATE -Wno-missing-field-initializers) # GIFLAB_MODULE is that of 1.0
   set_target_properties(abi_${name} PROPERTIES OUTPUT_NAME ${name}
                         LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${folder})
endfunction()
giflab_add_later_module(grown target_0)
giflab_add_later_module(grown target_1 GIFLAB_TARGET=1 USE_NEWER_MEMBER)
giflab_add_later_module(grown zero_tails GIFLAB_TARGET=1 DECLARE_1_0)
giflab_add_later_module(grown filled_module_tail GIFLAB_TARGET=1 DECLARE_1_0 FILL_MODULE_TAIL)
giflab_add_later_module(grown filled_plugin_tail GIFLAB_TARGET=1 DECLARE_1_0 FILL_PLUGIN_TAIL)
giflab_add_later_module(grown filled_output_tail GIFLAB_TARGET=1 DECLARE_1_0 FILL_OUTPUT_TAIL)
giflab_add_later_module(unknown scope UNKNOWN_SCOPE)
giflab_add_later_module(unknown needed_service NEED_UNKNOWN_SERVICE)
giflab_add_later_module(unknown optional_service ASK_FOR_UNKNOWN_SERVICE)

find_package(Boost REQUIRED COMPONENTS filesystem)

# This host, and its sources as a host of 1.1. Pictures come from the media room as it is: frame.h has not changed.
# Neither describes modules to people.
get_target_property(sources giflab-modules SOURCES)
list(REMOVE_ITEM sources description.cpp reference_page.cpp)
get_target_property(folder giflab-modules SOURCE_DIR)
list(TRANSFORM sources PREPEND ${folder}/)
add_executable(this_host_report host_report.cpp)
add_executable(later_host_report host_report.cpp ${sources})
add_dependencies(later_host_report later_headers)
target_include_directories(later_host_report BEFORE PRIVATE ${later})
target_compile_definitions(later_host_report PRIVATE GIFLAB_VERSION="${PROJECT_VERSION}")
# The sources are of 1.0 and say nothing of the members that the headers grew.
target_compile_options(later_host_report PRIVATE -O1 -Wno-missing-field-initializers)
target_compile_options(this_host_report PRIVATE -O1)
target_link_libraries(this_host_report PRIVATE giflab-modules giflab-media)
target_link_libraries(later_host_report PRIVATE giflab-config giflab-media Boost::headers Boost::filesystem ${CMAKE_DL_LIBS})

set(this_host $<TARGET_FILE:this_host_report>)
set(later_host $<TARGET_FILE:later_host_report>)
function(giflab_add_golden_test name report folder)
   giflab_add_abi_test(${name} compare_reports REPORT=${report} FOLDER=${CMAKE_CURRENT_BINARY_DIR}/${folder}
                       GOLDEN=${CMAKE_CURRENT_SOURCE_DIR}/${name}.golden)
endfunction()
giflab_add_golden_test(abi_grown_on_1.0 ${this_host} grown)
giflab_add_golden_test(abi_grown_on_1.1 ${later_host} grown)
giflab_add_golden_test(abi_unknown ${this_host} unknown)

# Modules built once against 1.0 (v1.0/README.md): loaded by this program, and scored alike by both hosts.
giflab_add_abi_test(abi_fixtures check_fixtures FIXTURES=${fixtures} PROCESSOR=${CMAKE_SYSTEM_PROCESSOR}
                    GIFLAB=$<TARGET_FILE:giflab> SYNTHETIC_GIF=$<TARGET_FILE:synthetic_gif>)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
   giflab_add_abi_test(abi_fixtures_on_1.1 compare_reports REPORT=${later_host} OTHER_REPORT=${this_host}
                       FOLDER=${fixtures})
endif()
