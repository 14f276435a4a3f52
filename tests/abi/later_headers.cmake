# Makes the headers of an ABI 1.1 that might be, grown in every way that sdk/ABI.md allows, from those of 1.0.
# cmake -DHEADERS=DIR -DLATER=DIR -P later_headers.cmake
include(${CMAKE_CURRENT_LIST_DIR}/change_headers.cmake)
changed_headers(${HEADERS} ${LATER})

change(abi "#define GIFLAB_ABI_MINOR 0" "#define GIFLAB_ABI_MINOR 1")

function(grow header type member)
   change(${header} "\n} ${type};" "\n#if GIFLAB_TARGET >= 1\n   ${member}; // since 1.1\n#endif\n} ${type};")
endfunction()
grow(host giflab_host "uint64_t (*now_us)(const struct giflab_host *host) GIFLAB_NOEXCEPT")
grow(host giflab_call "uint64_t (*deadline_us)(const struct giflab_call *call) GIFLAB_NOEXCEPT")
grow(plugin giflab_output "double just_noticeable")
grow(plugin giflab_plugin "const char *citation")
grow(plugin giflab_module "const char *signature")

change(host "\n} giflab_cuda;\n" "\n} giflab_cuda;

#define GIFLAB_MAPS \"giflab.maps/1\"
typedef struct giflab_maps {
   // Room for one value a pixel. [any]
   float *(*open)(const giflab_call *call, uint32_t pair, uint32_t output) GIFLAB_NOEXCEPT;
} giflab_maps;
")
change(plugin "GIFLAB_SCOPE_FILE }" "GIFLAB_SCOPE_FILE, GIFLAB_SCOPE_WINDOW }")
