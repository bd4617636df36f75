"""What a child does with a job: its command carried out, and worded as a reply. It knows neither bus nor worker."""
