# giflab_add_plugin(NAME SOURCE...): a module NAME.so that `giflab --plugin DIR` can load. It exports nothing
# but its entry symbol (rule A1) and leaves no symbol open.
function(giflab_add_plugin name)
   add_library(${name} MODULE ${ARGN})
   target_link_libraries(${name} PRIVATE giflab::sdk)
   set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
                                            VISIBILITY_INLINES_HIDDEN ON)
   # Templates of the C++ library are exported in spite of hidden visibility; the version script hides them.
   target_link_options(${name} PRIVATE -Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/giflab_module.map)
endfunction()
