package io.culvert.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert} without a command: says what there is. */
@Command(
    name = "culvert",
    versionProvider = VersionCommand.Provider.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Serves an API from behind NAT: HTTP over one outgoing WebSocket.",
    optionListHeading = "%n",
    commandListHeading = "%nCommands:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  culvert relay --port 8080 --domain localhost --token-file tokens.yaml",
      "  culvert agent --relay ws://relay.example.com:8080 --name pets --to http://localhost:3000",
      "  culvert connect --relay ws://relay.example.com:8080 --name pets --listen 3000",
      "",
      "Each option can also be in the environment (--agent-port as CULVERT_AGENT_PORT) or in the",
      "YAML file that --config names (agent-port: 8081). The command line counts before the",
      "environment, and the environment before the file.",
      "",
      "Exit status: 0 done, 1 failed, 2 wrong usage, 3 cannot reach or listen, 4 refused for good,",
      "130 and 143 ended by SIGINT and SIGTERM."
    })
final class RootCommand implements Runnable {
  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this text.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Shows the version.")
  boolean version;

  @Override
  public void run() {
    throw CliException.usage("expected a command: " + commands());
  }

  private String commands() {
    return String.join(", ", spec.subcommands().keySet());
  }
}
