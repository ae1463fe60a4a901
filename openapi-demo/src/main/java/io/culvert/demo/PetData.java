package io.culvert.demo;

import java.time.LocalDate;
import java.util.List;

/**
 * What callers decide about a pet. Immutable.
 *
 * @param status available if the caller gave none
 * @param priceCents null if there is no price
 * @param birthday null if unknown
 * @param tags empty if the caller gave none
 */
record PetData(
    String name,
    String species,
    PetStatus status,
    Long priceCents,
    LocalDate birthday,
    List<String> tags) {

  PetData {
    status = status == null ? PetStatus.AVAILABLE : status;
    tags = tags == null ? List.of() : List.copyOf(tags);
  }

  PetData withStatus(PetStatus newStatus) {
    return new PetData(name, species, newStatus, priceCents, birthday, tags);
  }
}
