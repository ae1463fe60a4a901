package io.culvert.cli;

import java.net.URI;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code culvert status}. */
@Command(
    name = "status",
    sortOptions = false,
    description = "Lists the names that a relay serves, and their agents.",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  culvert status --admin http://127.0.0.1:9191",
      "  culvert status --json | jq '.agents[] | select(.healthy | not)'"
    })
final class StatusCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Option(
      names = "--admin",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:9191",
      description = "The relay's --admin-port. Default: http://127.0.0.1:9191.")
  String admin;

  @Option(names = "--json", description = "Prints what the relay says as JSON.")
  boolean json;

  @Mixin HelpOption help;

  StatusCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    URI url = url(admin);
    surroundings.out().println(url);
    return ExitCodes.OK;
  }

  private static URI url(String admin) {
    try {
      URI url = URI.create(admin);
      if (url.getHost() != null
          && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw CliException.usage(
        "--admin: expected a URL such as http://127.0.0.1:9191, but got " + admin);
  }
}
