package io.culvert.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A relay on a free port and its agents, each a process. The name is {@code pets}. */
final class Tunnel implements AutoCloseable {
  static final String NAME = "pets";

  private final Program relay;
  private final List<Program> agents = new ArrayList<>();
  private final int port;

  Tunnel(String... relayOptions) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("relay", "--port", "0", "--domain", "localhost", "--default-name", NAME));
    arguments.addAll(List.of(relayOptions));
    relay = Program.culvert(Map.of(), arguments.toArray(new String[0]));
    port = Integer.parseInt(relay.await("Relay ready.* on 127.0.0.1:([0-9]+)"));
  }

  /** Starts an agent and waits until it serves. */
  Program agent(String upstream, String... options) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "agent", "--relay", "ws://127.0.0.1:" + port, "--name", NAME, "--to", upstream));
    arguments.addAll(List.of(options));
    Program agent = Program.culvert(Map.of(), arguments.toArray(new String[0]));
    agents.add(agent);
    agent.await("Connected to");
    return agent;
  }

  Program relay() {
    return relay;
  }

  int port() {
    return port;
  }

  /** To the relay, for what is said byte by byte. */
  Socket socket() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /** Where the default name is served; JDK clients do not look up {@code pets.localhost}. */
  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** By host name, as people use it: curl knows that {@code *.localhost} is this machine. */
  String publicUrl(String path) {
    return "http://" + NAME + ".localhost:" + port + path;
  }

  @Override
  public void close() {
    agents.forEach(Program::close);
    relay.close();
  }
}
