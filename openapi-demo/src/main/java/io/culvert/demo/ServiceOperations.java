package io.culvert.demo;

import io.swagger.v3.oas.models.info.Info;
import java.io.IOException;
import java.util.Map;

/** The operations on the service itself. */
final class ServiceOperations {
  private record Health(String status, long pets, int readers) {}

  private record Version(String title, String version) {}

  private final PetStore pets;
  private final PetEvents events;
  private final Info info;

  ServiceOperations(PetStore pets, PetEvents events, Info info) {
    this.pets = pets;
    this.events = events;
    this.info = info;
  }

  /** The handlers by operation id. */
  Map<String, Handler> handlers() {
    return Map.of("getHealth", this::health, "getVersion", this::version);
  }

  private void health(Exchange exchange) throws IOException {
    exchange.send(200, new Health("up", pets.size(), events.readers()));
  }

  private void version(Exchange exchange) throws IOException {
    exchange.send(200, new Version(info.getTitle(), info.getVersion()));
  }
}
