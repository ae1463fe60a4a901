package io.culvert.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code culvert agent}. */
@Command(
    name = "agent",
    sortOptions = false,
    description = "Serves a service of this machine, or of its network, under a name at a relay.",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  culvert agent --relay ws://localhost:8080 --name pets --to 3000",
      "  culvert agent --relay wss://relay.example.com --name pets --to http://localhost:3000 \\",
      "      --token-file pets.token",
      "  culvert agent --relay ws://localhost:8080 --name files --serve ./public",
      "  culvert agent --config agent.yaml --generate systemd > culvert-agent.service"
    })
final class AgentCommand implements Callable<Integer> {
  private final Surroundings surroundings;
  private final Services services;

  @Spec CommandSpec spec;
  @Mixin DialOptions dial;
  @Mixin AgentOptions options;
  @Mixin ConfigOption config;
  @Mixin CommonOptions common;
  @Mixin GenerateOption generate;
  @Mixin HelpOption help;

  AgentCommand(Surroundings surroundings, Services services) {
    this.surroundings = surroundings;
    this.services = services;
  }

  @Override
  public Integer call() {
    if (generate.wanted()) {
      surroundings.out().print(SystemdUnit.of(spec.commandLine().getParseResult()));
      surroundings.out().flush();
      return ExitCodes.OK;
    }
    AgentSettings settings = options.settings(dial.settings(new Token.Source(spec, surroundings)));
    LogSetup.applyFor(common, surroundings);
    Optional<Terminal> screen = common.log == null ? surroundings.terminal() : Optional.empty();
    return services.agent(settings, screen);
  }
}
