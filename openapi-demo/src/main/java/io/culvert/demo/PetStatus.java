package io.culvert.demo;

import com.google.gson.annotations.SerializedName;

/** Whether a pet can be ordered. */
enum PetStatus {
  /** Can be ordered. */
  @SerializedName("available")
  AVAILABLE,
  /** Has an open order. */
  @SerializedName("pending")
  PENDING,
  /** Was handed over. */
  @SerializedName("sold")
  SOLD
}
