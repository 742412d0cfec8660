// Shows the signature as it will look, while the name is typed.
{
  const input = document.getElementById("name");
  const shown = document.getElementById("signature");
  if (input && shown) {
    input.addEventListener("input", () => { shown.textContent = input.value; });
  }
}
