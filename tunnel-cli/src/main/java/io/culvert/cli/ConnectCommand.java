package io.culvert.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert connect}. */
@Command(
    name = "connect",
    sortOptions = false,
    description = "Makes a service that an agent serves a local port, without a public name.",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  culvert connect --relay wss://relay.example.com --name pets --listen 3000",
      "  curl http://localhost:3000/pets"
    })
final class ConnectCommand implements Callable<Integer> {
  private final Surroundings surroundings;
  private final Services services;

  @Spec CommandSpec spec;
  @Mixin DialOptions dial;

  @Option(
      names = "--listen",
      required = true,
      paramLabel = "[ADDRESS:]PORT",
      description =
          "The local port; 0 is a free one. Other machines reach it only at an address that is"
              + " given, such as 0.0.0.0:3000. Default address: 127.0.0.1.")
  String listen;

  @Mixin ConfigOption config;
  @Mixin CommonOptions common;
  @Mixin HelpOption help;

  ConnectCommand(Surroundings surroundings, Services services) {
    this.surroundings = surroundings;
    this.services = services;
  }

  @Override
  public Integer call() {
    InetSocketAddress address = address(listen);
    DialSettings settings = dial.settings(new Token.Source(spec, surroundings));
    LogSetup.applyFor(common, surroundings);
    return services.connect(settings, address);
  }

  private static InetSocketAddress address(String listen) {
    int colon = listen.lastIndexOf(':');
    String port = listen.substring(colon + 1);
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw CliException.usage("--listen: expected PORT or ADDRESS:PORT, but got " + listen);
    }
    try {
      InetAddress address =
          colon < 0
              ? InetAddress.getLoopbackAddress()
              : InetAddress.getByName(listen.substring(0, colon));
      return new InetSocketAddress(address, Integer.parseInt(port));
    } catch (UnknownHostException e) {
      throw CliException.usage("--listen: expected an address of this machine, but got " + listen);
    }
  }
}
