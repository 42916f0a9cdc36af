# keel_console_assets(target): builds console/ with npm and Vite in the build tree, and a library of the files that it
# made. With KEEL_CONSOLE=OFF, or without npm, the program has no page at "/"; the configuration says so.

include_guard(GLOBAL)
option(KEEL_CONSOLE "build the console (needs npm and its registry)" ON)
find_program(KEEL_NPM npm)
find_program(KEEL_PYTHON python3 REQUIRED)

# Of console/src; a change to one of them builds the console again.
set(KEEL_CONSOLE_PAGES
  api.ts app.tsx format.ts icon.svg live.ts main.tsx metrics.ts polling.ts style.css styles.d.ts token.ts
  verify/bill.ts verify/bytes.ts verify/proof.ts verify/receipt.ts
  views/chart.tsx views/health.tsx views/session.tsx views/sessions.tsx views/sign_in.tsx views/stations.tsx
  views/timeline.tsx views/verify.tsx)

function(keel_console_assets target)
  set(source "${CMAKE_SOURCE_DIR}/console")
  set(work "${CMAKE_BINARY_DIR}/console")
  set(made "${work}/assets.cpp")
  file(MAKE_DIRECTORY "${work}/dist")
  if(KEEL_CONSOLE AND KEEL_NPM)
    list(TRANSFORM KEEL_CONSOLE_PAGES PREPEND "${source}/src/" OUTPUT_VARIABLE pages)
    set(tools "${source}/package.json" "${source}/package-lock.json")
    set(settings "${source}/index.html" "${source}/vite.config.js" "${source}/tsconfig.json")
    add_custom_command(OUTPUT "${work}/installed"
      COMMAND ${CMAKE_COMMAND} -E copy ${tools} "${work}"
      COMMAND ${KEEL_NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
      COMMAND ${CMAKE_COMMAND} -E touch installed
      DEPENDS ${tools} WORKING_DIRECTORY "${work}" VERBATIM COMMENT "Fetching what the console is built with")
    add_custom_command(OUTPUT "${made}"
      COMMAND ${CMAKE_COMMAND} -E rm -rf src
      COMMAND ${CMAKE_COMMAND} -E copy_directory "${source}/src" src
      COMMAND ${CMAKE_COMMAND} -E copy ${settings} "${work}"
      COMMAND ${KEEL_NPM} run --silent check
      COMMAND ${KEEL_NPM} run --silent build -- --logLevel warn
      COMMAND ${KEEL_PYTHON} -B "${source}/embed.py" dist "${made}"
      DEPENDS "${work}/installed" ${pages} ${settings} "${source}/embed.py"
      WORKING_DIRECTORY "${work}" VERBATIM COMMENT "Building the console")
  else()
    message(WARNING "the console is not built: the node has no page at \"/\"")
    file(WRITE "${made}" "#include \"servers/console/asset.hpp\"\n\nstd::span<const keel::servers::Asset> "
      "keel::servers::console_assets() noexcept {\n  return {};\n}\n")
  endif()
  add_library(${target} STATIC "${made}")
  target_link_libraries(${target} PRIVATE keel_flags)
endfunction()
