#include "cli/cli.h"
#include "server/assets.h"

int main(int argc, char** argv) {
    return yagura::cli::run(argc, argv, yagura::server::web_assets());
}
