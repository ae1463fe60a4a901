package io.culvert.cli;

import io.culvert.cli.CommonOptions.LogFormat;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code culvert relay}. */
@Command(
    name = "relay",
    sortOptions = false,
    description = "Takes public HTTP and passes it to the agents of the name in its host.",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  culvert relay                                     # to try it: http://NAME.localhost:8080",
      "  culvert relay --domain example.com --token-file tokens.yaml --port 443 \\",
      "      --tls-cert chain.pem --tls-key key.pem --admin-port 9191",
      "  culvert relay --config relay.yaml --generate systemd > culvert-relay.service"
    })
final class RelayCommand implements Callable<Integer> {
  private final Surroundings surroundings;
  private final Services services;

  @Spec CommandSpec spec;
  @Mixin RelayOptions options;
  @Mixin ConfigOption config;
  @Mixin CommonOptions common;
  @Mixin GenerateOption generate;
  @Mixin HelpOption help;

  RelayCommand(Surroundings surroundings, Services services) {
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
    RelaySettings settings = options.settings();
    LogSetup.apply(Optional.ofNullable(common.log).orElse(LogFormat.TEXT), common.verbose);
    return services.relay(settings);
  }
}
