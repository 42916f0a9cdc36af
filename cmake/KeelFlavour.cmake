# Compiler and linker flags of each flavour (dev, release, asan, tsan, fuzz), gathered on one interface
# target that every Keel target links: keel_flags.

set(KEEL_FLAVOUR "dev" CACHE STRING "dev, release, asan, tsan or fuzz")
set_property(CACHE KEEL_FLAVOUR PROPERTY STRINGS dev release asan tsan fuzz)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# One code model for all, or they could not share the precompiled header: given below as -fPIC.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # The precompiled header is named by a checksum of what goes into it (written by KeelModule.cmake), not by
  # its bytes, and directories are not part of the key: so two checkouts of the same tree share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_PCH_EXTSUM=true CCACHE_NOHASHDIR=true CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()

add_library(keel_flags INTERFACE)
target_compile_options(keel_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wnull-dereference
  -Wthread-safety -Wunused -Wcast-align -Wdouble-promotion -Wformat=2 -Wmissing-prototypes
  -Wno-gnu-statement-expression-from-macro-expansion
  -Wno-missing-designated-field-initializers
  -Werror
  -fPIC -fvisibility=hidden -fno-delete-null-pointer-checks -ftrivial-auto-var-init=zero
  -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
  "SHELL:-Xclang -fno-pch-timestamp")
target_compile_definitions(keel_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(keel_flags INTERFACE
  -fuse-ld=lld -Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now -pie)

# Signed overflow wraps, and is never an excuse to leave code out. Under the sanitizer it must stay an error,
# and this flag would tell it that wrapping is meant (tools/gates/defects_test.py shows it found).
if(NOT KEEL_FLAVOUR MATCHES "^(asan|fuzz)$")
  target_compile_options(keel_flags INTERFACE -fno-strict-overflow)
endif()

if(KEEL_FLAVOUR STREQUAL "dev")
  target_compile_options(keel_flags INTERFACE -O1 -g1 -fno-omit-frame-pointer)
elseif(KEEL_FLAVOUR STREQUAL "release")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
  target_compile_options(keel_flags INTERFACE -fno-omit-frame-pointer -march=x86-64-v2 -mtune=native)
  target_compile_definitions(keel_flags INTERFACE _FORTIFY_SOURCE=3)
elseif(KEEL_FLAVOUR STREQUAL "asan")
  set(keel_sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_compile_options(keel_flags INTERFACE -O1 -g1 -fno-omit-frame-pointer ${keel_sanitizers})
  target_link_options(keel_flags INTERFACE ${keel_sanitizers})
elseif(KEEL_FLAVOUR STREQUAL "tsan")
  set(keel_sanitizers -fsanitize=thread)
  target_compile_options(keel_flags INTERFACE -O1 -g1 -fno-omit-frame-pointer ${keel_sanitizers})
  target_link_options(keel_flags INTERFACE ${keel_sanitizers})
elseif(KEEL_FLAVOUR STREQUAL "fuzz")
  set(keel_sanitizers -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  target_compile_options(keel_flags INTERFACE -O1 -g1 -fno-omit-frame-pointer ${keel_sanitizers}
                         -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(keel_flags INTERFACE ${keel_sanitizers} -fprofile-instr-generate)
else()
  message(FATAL_ERROR "KEEL_FLAVOUR=${KEEL_FLAVOUR}: one of dev, release, asan, tsan, fuzz")
endif()
target_compile_definitions(keel_flags INTERFACE KEEL_FLAVOUR_NAME="${KEEL_FLAVOUR}")
